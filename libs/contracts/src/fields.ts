import { z } from 'zod';
import { cleanText } from './text.js';

/** Times are RFC 3339 UTC on the wire; readers accept any offset. */
export const time = z.iso.datetime({ offset: true });
export const uuid = z.uuid();
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const count = z.int().min(0);
export const line = z.string().max(2048);

/**
 * A word of a registry. Readers accept members that they do not know (a newer writer's), so the check is of the shape only;
 * the type names the members that we write.
 */
export function word<const Member extends string>(_members: readonly Member[]): z.ZodType<Member, Member> {
  return z.string().regex(/^[a-z][a-z0-9_]{0,39}$/) as unknown as z.ZodType<Member, Member>;
}

/** Text of customers: NFC, no NUL, no lone surrogate, at most `maxBytes` of UTF-8. */
export function customerText(maxBytes: number) {
  return z
    .string()
    .max(maxBytes)
    .refine((text) => isClean(text) && fitsBytes(text, maxBytes), {
      error: `must be NFC without NUL, at most ${maxBytes} bytes`,
    })
    .meta({ 'x-normalization': 'NFC', 'x-maxBytes': maxBytes });
}

/** The rules that JSON Schema has no word for, by the keyword under which the written schemas carry them. */
export const ownKeywords = {
  'x-normalization': (_form: string, text: string) => isClean(text),
  'x-maxBytes': (maxBytes: number, text: string) => fitsBytes(text, maxBytes),
} as const;

// ASCII is always NFC; asking for normalization costs more than this look.
const plainAscii = /^[\u0001-\u007f]*$/;

function isClean(text: string): boolean {
  return plainAscii.test(text) || cleanText(text) === text;
}

function fitsBytes(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes;
}
