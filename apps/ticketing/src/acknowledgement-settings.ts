import { z } from 'zod';
import { flag } from '#env';

/** By these a machine may write; never in public. */
const acknowledging = ['email', 'sms', 'zalo', 'whatsapp', 'messenger', 'instagram', 'telegram'] as const;

const words = (text: string) =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
const clockTime = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    // The only error that it knows is an unknown zone.
    return false;
  }
}

/** Who is told by a machine that his message has come, and when not. */
export const acknowledgementSettings = {
  /** Tell customers that their message has come, once per ticket. */
  ACKNOWLEDGEMENTS: flag.default(true),
  /** By which channels; forms are acknowledged by mail. */
  ACKNOWLEDGEMENT_CHANNELS: z
    .string()
    .default('email')
    .transform(words)
    .pipe(z.array(z.enum(acknowledging))),
  /** Automatic acknowledgements by one account in one minute; what is beyond is not sent, and counted for an alert. */
  ACKNOWLEDGEMENT_BRAKE_PER_MINUTE: z.coerce.number().int().min(0).max(1_000_000_000).default(60),
  /** When no machine sends an SMS or a message on Zalo. The same time twice: never. */
  QUIET_HOURS: z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d$/)
    .default('21:00-07:00')
    .transform((text) => ({ from: clockTime(text.slice(0, 5)), to: clockTime(text.slice(6)) })),
  QUIET_ZONE: z.string().refine(isZone, { error: 'must be a time zone' }).default('Asia/Ho_Chi_Minh'),
  /** Quiet all the day: dates, separated by commas. */
  HOLIDAYS: z.string().default('').transform(words).pipe(z.array(z.iso.date())),
  /** Language of automatic texts where the customer's is unknown. */
  DEFAULT_LANGUAGE: z.enum(['vi', 'en']).default('vi'),
} as const;
