import { z } from 'zod';
import { databaseSettings, kafkaSettings, nonEmptyList, serviceSettings, storeSettings, tokenSettings } from '#env';
import { isTimeZone } from './domain/time-zone.js';

/** Injection token of the parsed settings. */
export const SETTINGS = 'REPORTING_SETTINGS';

export const settingsSchema = z.object({
  ...serviceSettings,
  ...kafkaSettings,
  ...databaseSettings,
  ...tokenSettings,
  ...storeSettings,
  /** Zones that get day cells, comma-separated; others are answered from 15-minute cells. A later change needs `npm run reports:rebuild`. */
  REPORT_ZONES: nonEmptyList
    .refine((zones) => zones.every(isTimeZone), { error: 'must name time zones as IANA does, e.g. Asia/Ho_Chi_Minh' })
    .default(['Asia/Ho_Chi_Minh', 'UTC']),
});
export type Settings = z.output<typeof settingsSchema>;
