import { hash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** One secret, or several separated by commas while they are being changed: all of them are good. */
export const activeSecrets = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((secret) => secret.trim())
      .filter((secret) => secret !== ''),
  )
  .refine((secrets) => secrets.length > 0);

/** In a time that tells nothing about either. */
export function equalInConstantTime(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));
}

/** An address of a provider's API, without a slash at its end. */
export const apiAddress = (standard: string) =>
  z
    .url({ protocol: /^https?$/ })
    .default(standard)
    .transform((address) => address.replace(/\/+$/, ''));
