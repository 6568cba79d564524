/** Unicode NFC without NUL and with lone surrogates replaced: what may stand in an event. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '').normalize('NFC');
}

// biome-ignore lint: control characters and invisible direction marks are meant
const notInLines = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;
/** Printable ASCII needs no cleaning. */
const plain = /^[ -~]*$/;

/** One clean line without control characters and invisible direction marks; undefined when nothing is left. */
export function oneLine(text: string | null | undefined): string | undefined {
  if (text === undefined || text === null) return undefined;
  const cleaned = plain.test(text) ? text.trim() : cleanText(text).replace(notInLines, ' ').trim();
  return cleaned === '' ? undefined : cleaned;
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
