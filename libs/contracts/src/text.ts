/** Unicode NFC without NUL and with lone surrogates replaced: what may stand in an event. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '').normalize('NFC');
}

/** Cuts at a character boundary so that the UTF-8 form has at most `maxBytes` bytes. */
export function cutToBytes(text: string, maxBytes: number): { text: string; truncated: boolean } {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return { text, truncated: false };
  const bytes = Buffer.from(text);
  let end = maxBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return { text: bytes.toString('utf8', 0, end), truncated: true };
}

/** Sizes of the parts of an event in bytes of UTF-8; the whole is in the original. */
export const eventLimits = {
  event: 256 * 1024,
  text: 64 * 1024,
  html: 64 * 1024,
  quoted: 32 * 1024,
  fields: 32 * 1024,
  subject: 2 * 1024,
  references: 50,
  /** Originals up to this travel on feedback.raw.v1; above, they lie in the store. */
  originalOnLog: 128 * 1024,
} as const;
