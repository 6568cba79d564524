import { counter } from '#observability';

/** One of our mailboxes, numbers, pages or forms: `<channel>:<account>`, bounded by configuration. */
const labelNames = ['source'] as const;

const received = counter({
  name: 'phanhoi_intake_received_total',
  help: 'Inputs at the entrance of a source, or of a channel while the account is not known',
  labelNames,
});
const published = counter({
  name: 'phanhoi_intake_published_total',
  help: 'Events acknowledged by the broker',
  labelNames,
});
const spooled = counter({
  name: 'phanhoi_intake_spooled_total',
  help: 'Events committed to the Postgres spool',
  labelNames,
});
const refused = counter({
  name: 'phanhoi_intake_refused_total',
  help: 'Inputs that the caller was told no for, by step and code',
  labelNames: ['source', 'step', 'code'],
});
const busy = counter({
  name: 'phanhoi_intake_busy_total',
  help: 'Inputs answered with 503: nothing could keep them',
  labelNames,
});
const quarantined = counter({
  name: 'phanhoi_intake_quarantined_total',
  help: 'Inputs kept as dead letters, by reason',
  labelNames: ['source', 'reason'],
});

/** The counters of one source, looked up once: a label look-up per event costs more than the increment. */
export interface SourceMetrics {
  readonly published: { inc(): void };
  readonly spooled: { inc(): void };
  readonly busy: { inc(): void };
  quarantined(reason: string): void;
}

const bySource = new Map<string, SourceMetrics>();

export function metricsOf(channel: string, account: string): SourceMetrics {
  const source = `${channel}:${account}`;
  let metrics = bySource.get(source);
  if (metrics === undefined) {
    metrics = {
      published: published.labels(source),
      spooled: spooled.labels(source),
      busy: busy.labels(source),
      quarantined: (reason) => quarantined.inc({ source, reason }),
    };
    bySource.set(source, metrics);
  }
  return metrics;
}

/** A refusal may come before the account is known, so its source is the channel. */
export function countRefusal(source: string, step: string, code: string): void {
  refused.inc({ source, step, code });
}

const entrances = new Map<string, { inc(): void }>();

/** @param source `<channel>:<account>`, or the channel while the account is not known */
export function countReceived(source: string): void {
  let entrance = entrances.get(source);
  if (entrance === undefined) entrances.set(source, (entrance = received.labels(source)));
  entrance.inc();
}
