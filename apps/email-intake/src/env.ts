import { z } from 'zod';
import {
  channelsSettings,
  conversationSettings,
  databaseSettings,
  kafkaSettings,
  serviceSettings,
  storeSettings,
  threadSettings,
  tokenSettings,
} from '#env';

export const settingsSchema = z.object({
  ...serviceSettings,
  ...kafkaSettings,
  ...databaseSettings,
  ...channelsSettings,
  ...storeSettings,
  ...conversationSettings,
  ...threadSettings,
  ...tokenSettings,
  /** Threads that parse mail; started when mail comes, ended when none has come for half a minute. */
  MAIL_PARSE_THREADS: z.coerce.number().int().min(1).max(16).default(2),
  /** Seconds between two looks at a mailbox whose server has announced nothing. */
  MAIL_POLL_SECONDS: z.coerce.number().int().min(1).max(50).default(30),
  /** Bytes of the largest mail that is parsed; larger ones are kept and listed in quarantine. */
  MAIL_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(100_000)
    .max(256 * 1024 * 1024)
    .default(64 * 1024 * 1024),
});
export type Settings = z.output<typeof settingsSchema>;

export const SETTINGS = 'EMAIL_INTAKE_SETTINGS';
export const ACCOUNTS = 'EMAIL_INTAKE_ACCOUNTS';
export const schema = 'email';
export const appName = 'email-intake';
