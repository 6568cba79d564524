import { isUtf8 } from 'node:buffer';
import { fileTypeFromBuffer } from 'file-type';

/** What may be attached, by content. No markup, no programs, no archives that hide either. */
const allowed: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
  'image/heic',
  'image/heif',
  'image/avif',
  'image/bmp',
  'image/tiff',
  'application/pdf',
  'application/rtf',
  'application/x-cfb', // Word, Excel and PowerPoint before 2007
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'application/vnd.oasis.opendocument.text',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.oasis.opendocument.presentation',
  'video/mp4',
  'video/quicktime',
  'video/webm',
  'video/3gpp',
  'audio/mpeg',
  'audio/mp4',
  'audio/x-m4a',
  'audio/ogg',
  'audio/opus',
  'audio/wav',
  'audio/amr',
]);

/** How much of a file is looked at. */
export const headBytes = 64 * 1024;

/**
 * The media type that a file's first bytes prove, or undefined when it may not be attached. Plain text has no signature: it is taken
 * when it is declared as text, is UTF-8 without control characters, and holds nothing that a browser could take for markup.
 */
export async function attachableType(head: Buffer, declared: string): Promise<string | undefined> {
  const type = await fileTypeFromBuffer(head);
  if (type !== undefined) return allowed.has(type.mime) ? type.mime : undefined;
  return /^text\/(plain|csv)\b/i.test(declared) && isPlainText(head) ? 'text/plain' : undefined;
}

// biome-ignore lint: control characters are meant
const controlCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;

function isPlainText(head: Buffer): boolean {
  // The last character may be cut in two.
  for (let cut = 0; cut < 4 && cut <= head.length; cut++) {
    const whole = head.subarray(0, head.length - cut);
    if (isUtf8(whole)) return !controlCharacters.test(whole.toString()) && !/<[!?/a-z]/i.test(whole.toString());
    if (head.length < headBytes) return false;
  }
  return false;
}
