import { cleanText, cutToBytes, eventLimits } from '#contracts';
import { decodeText } from '#charset';
import { looksForwarded } from './forwarded.js';
import { bodyOffset } from './header.js';
import { readMarkup, sanitizeMarkup } from './html.js';
import type { Measured } from './measure.js';
import type { ParsedMime } from './mime.js';
import { cutReply } from './quoted.js';
import type { ThreadMaterial } from './thread.js';

export function subjectOf(mime: ParsedMime): string {
  const decoded = mime.headers.get('subject');
  const subject = typeof decoded === 'string' ? decoded : '';
  // Eight-bit subjects in no stated charset come out of the parser as replacement characters.
  return subject.includes('\uFFFD') ? (mime.header.first('subject') ?? subject) : subject;
}

interface Words {
  /** Before quotes were cut. */
  readonly whole: string;
  readonly text: string;
  readonly quoted: string;
  readonly html: string;
}

export function readWords(mime: ParsedMime, measured: Measured, thread: ThreadMaterial, flags: Set<string>): Words {
  const readable =
    mime.text !== '' || mime.html !== '' || mime.attachments.length > 0 || mime.deliveryStatus !== undefined;
  const salvaged = readable ? '' : salvage(measured.head);
  if (salvaged !== '') flags.add('mime_broken');
  const markup = mime.html === '' ? undefined : sanitizeMarkup(mime.html);
  const plain = mime.text.trim() === '' ? (markup === undefined ? salvaged : readMarkup(markup.html)) : mime.text;
  const whole = cleanText(plain.replace(/\r\n?/g, '\n'));
  const keepsWhole = looksForwarded(subjectOf(mime), '');
  const reply = keepsWhole
    ? { text: whole.trim(), quoted: '' }
    : cutReply(whole, thread.inReplyTo !== undefined || thread.references.length > 0);
  const text = cutToBytes(reply.text, eventLimits.text);
  const quoted = cutToBytes(reply.quoted, eventLimits.quoted);
  if (text.truncated || quoted.truncated || markup?.truncated === true) flags.add('truncated');
  if (markup?.remoteImages === true) flags.add('remote_images');
  return { whole, text: text.text, quoted: quoted.text, html: cleanText(markup?.html ?? '') };
}

/** What can be read of a mail whose structure cannot: the body, or, where there is no header at all, everything. */
function salvage(head: Buffer): string {
  const start = bodyOffset(head);
  const hasHeader = /^[!-9;-~]+[ \t]*:/.test(head.subarray(0, 1_000).toString('latin1'));
  const body = hasHeader ? head.subarray(start) : head;
  return decodeText(body, undefined).text.trim();
}
