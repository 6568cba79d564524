import { z } from 'zod';
import { databaseSettings, kafkaSettings, serviceSettings, threadSettings } from '#env';
import { acknowledgementSettings } from './acknowledgement-settings.js';
import { apiSettings } from './api/settings.js';

/** Injection token of the settings. */
export const SETTINGS = 'SETTINGS';

export const settingsSchema = z.object({
  ...serviceSettings,
  ...kafkaSettings,
  ...databaseSettings,
  ...threadSettings,
  ...apiSettings,
  ...acknowledgementSettings,
  /** Of ticket numbers: `PH-1024`. Numbers on mails that are out must still be found, so it never changes. */
  TICKET_PREFIX: z
    .string()
    .regex(/^[A-Z][A-Z0-9]{0,9}$/)
    .default('PH'),
});

export type Settings = z.output<typeof settingsSchema>;
