import { z } from 'zod';
import {
  channelsSettings,
  conversationSettings,
  databaseSettings,
  kafkaSettings,
  serviceSettings,
  storeSettings,
} from '#env';

export const settingsSchema = z.object({
  ...serviceSettings,
  ...kafkaSettings,
  ...databaseSettings,
  ...channelsSettings,
  ...storeSettings,
  ...conversationSettings,
  /** Bytes of the largest file that is fetched for a message. */
  MEDIA_MAX_BYTES: z.coerce.number().int().min(1).default(26_214_400),
});

export type Settings = z.output<typeof settingsSchema>;

/** Injection token of the parsed settings. */
export const SETTINGS = 'SETTINGS';
