import { measureCodes } from '../domain/fact-row.js';
import type { MetricName } from '../domain/metric-catalogue.js';

/** Of a share: the condition under which a row counts for it, not only against it. */
const hits: Partial<Record<MetricName, string>> = {
  one_touch_rate: 'one_touch',
  transfer_rate: 'transferred',
  reopen_rate: `measure = ${measureCodes.reopened}`,
  replies_delivered_rate: `measure = ${measureCodes.reply_delivered}`,
};

export function hitOf(metric: MetricName): string | undefined {
  return hits[metric];
}
