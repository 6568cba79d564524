import { z } from 'zod';
import {
  channelsSettings,
  conversationSettings,
  databaseSettings,
  kafkaSettings,
  serviceSettings,
  storeSettings,
  tokenSettings,
} from '#env';

export const settingsSchema = z.object({
  ...serviceSettings,
  ...kafkaSettings,
  ...databaseSettings,
  ...channelsSettings,
  ...storeSettings,
  ...conversationSettings,
  ...tokenSettings,
  /** Where providers reach this service, without a path: signatures cover it, and Host or X-Forwarded-* are never believed. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
});
export type Settings = z.output<typeof settingsSchema>;

/** Injection token of `PUBLIC_URL`. */
export const PUBLIC_URL = 'PHONE_INTAKE_PUBLIC_URL';
export const schema = 'phone';
export const appName = 'phone-intake';
