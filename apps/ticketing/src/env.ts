import { z } from 'zod';
import { databaseSettings, flag, kafkaSettings, serviceSettings, threadSettings } from '#env';
import { apiSettings } from './api/settings.js';

/** Injection token of the settings. */
export const SETTINGS = 'SETTINGS';

export const settingsSchema = z.object({
  ...serviceSettings,
  ...kafkaSettings,
  ...databaseSettings,
  ...threadSettings,
  ...apiSettings,
  /** Of ticket numbers: `PH-1024`. Numbers on mails that are out must still be found, so it never changes. */
  TICKET_PREFIX: z
    .string()
    .regex(/^[A-Z][A-Z0-9]{0,9}$/)
    .default('PH'),
  /** Tell customers by mail that their message has come, once per ticket. */
  ACKNOWLEDGEMENTS: flag.default(true),
  /** Automatic acknowledgements by one account in one minute; what is beyond is not sent, and counted for an alert. */
  ACKNOWLEDGEMENT_BRAKE_PER_MINUTE: z.coerce.number().int().min(0).max(1_000_000_000).default(60),
  /** Language of automatic texts where the customer's is unknown. */
  DEFAULT_LANGUAGE: z.enum(['vi', 'en']).default('vi'),
});

export type Settings = z.output<typeof settingsSchema>;
