import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SignatureOptions } from './accounts.js';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Whether one of the active secrets made the signature of these very bytes. */
export function isSigned(
  bytes: Buffer,
  headers: Headers,
  options: SignatureOptions,
  secrets: readonly string[],
): boolean {
  const stated = headers[options.header];
  if (typeof stated !== 'string' || !stated.startsWith(options.prefix)) return false;
  const given = Buffer.from(stated.slice(options.prefix.length));
  return secrets.some((secret) => {
    const right = Buffer.from(createHmac(options.algorithm, secret).update(bytes).digest(options.encoding));
    return given.length === right.length && timingSafeEqual(given, right);
  });
}
