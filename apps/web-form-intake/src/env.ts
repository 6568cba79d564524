import { z } from 'zod';
import {
  channelsSettings,
  conversationSettings,
  databaseSettings,
  kafkaSettings,
  serviceSettings,
  storeSettings,
} from '#env';

const positive = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

export const settingsSchema = z.object({
  ...serviceSettings,
  ...kafkaSettings,
  ...databaseSettings,
  ...channelsSettings,
  ...storeSettings,
  ...conversationSettings,
  /** Submissions that one client (an IPv4 address, an IPv6 /64) may make in a window, per replica. */
  RATE_LIMIT_REQUESTS: positive(60),
  RATE_LIMIT_WINDOW_SECONDS: positive(60),
  /** Files of one submission: how many, how large each, how large together. Bytes. */
  FILES_MAX_COUNT: positive(5),
  FILES_MAX_BYTES: positive(10 * 1024 * 1024),
  FILES_MAX_TOTAL_BYTES: positive(25 * 1024 * 1024),
});

export type Settings = z.output<typeof settingsSchema>;

/** Injection token of the parsed settings. */
export const SETTINGS = 'SETTINGS';
