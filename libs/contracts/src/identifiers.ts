import { hash } from 'node:crypto';
import type { DeliveryState } from './registries.js';

/** The namespace of every deterministic id of the product; changing it would double all events. */
const namespace = Buffer.from('5f2c1c64c8a84be58d2f6a4a6d1f9b70', 'hex');

/** UUID version 5 over the parts, joined so that no two lists of parts read the same. Source: RFC 9562, 5.5. */
export function uuidV5(...parts: readonly string[]): string {
  const name = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  // As text: a digest as a buffer of its own takes three times as long.
  const digest = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]), 'hex');
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

/** The id of a feedback event: the same input is the same event, however often it comes. */
export function feedbackEventId(of: {
  readonly channel: string;
  readonly account: string;
  readonly messageId: string;
  readonly revision?: string;
}): string {
  return uuidV5('feedback', of.channel, of.account, of.messageId, of.revision ?? '');
}

/** The id of a dead letter of a consumer: one per place on the log. */
export function deadLetterId(topic: string, partition: number, offset: string): string {
  return uuidV5('dead', topic, String(partition), offset);
}

/** The id of a dead letter of an intake: one per input. `sha256` is lower-case hex of the raw bytes. */
export function intakeDeadLetterId(channel: string, account: string, sha256: string): string {
  return uuidV5('dead-intake', channel, account, sha256);
}

/** The event id of a delivery: a repeated transition is the same event. */
export function deliveryEventId(replyId: string, attempt: number, state: DeliveryState): string {
  return uuidV5('delivery', replyId, String(attempt), state);
}

/** The id of a ledger record: sent again after a failure, it is counted once. */
export function ledgerRecordId(run: string, sequence: number): string {
  return uuidV5('ledger', run, String(sequence));
}

const base32Alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

function base32(bytes: Buffer): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      text += base32Alphabet[(value >>> (bits - 5)) & 31];
      bits -= 5;
    }
  }
  return bits > 0 ? text + base32Alphabet[(value << (5 - bits)) & 31] : text;
}

interface PaddedKey {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

const blockBytes = 64;
/** One or two secrets in the life of a process. */
const paddedKeys = new Map<string, PaddedKey>();

function paddedKey(secret: string): PaddedKey {
  const known = paddedKeys.get(secret);
  if (known !== undefined) return known;
  const bytes = Buffer.byteLength(secret) > blockBytes ? hash('sha256', secret, 'buffer') : Buffer.from(secret);
  const pad = (byte: number) => Buffer.alloc(blockBytes, byte).map((value, index) => value ^ (bytes[index] ?? 0));
  const padded = { inner: Buffer.from(pad(0x36)), outer: Buffer.from(pad(0x5c)) };
  paddedKeys.set(secret, padded);
  return padded;
}

/**
 * HMAC as binary (latin1) text (RFC 2104) by two one-shot hashes: each form needs a key, and Node's own object for that takes four times as long.
 * A test holds it to createHmac.
 */
export function hmacSha256(secret: string, text: string): string {
  const { inner, outer } = paddedKey(secret);
  const digest = hash('sha256', Buffer.concat([inner, Buffer.from(text)]), 'binary');
  return hash('sha256', Buffer.concat([outer, Buffer.from(digest, 'binary')]), 'binary');
}

/**
 * The opaque conversation key: lower-case base32 of the first 20 bytes of hmac-sha256, 32 characters.
 * A plain hash could be reversed for short scopes such as telephone numbers.
 * @param secret `CONVERSATION_SECRET`, never rotated: keys on the log must stay equal.
 * @param scope as contracts.md says, e.g. `mail:<root@example.org>`.
 */
export function conversationKey(secret: string, scope: string): string {
  return base32(Buffer.from(hmacSha256(secret, scope).slice(0, 20), 'binary'));
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const crockfordCheck = `${crockford}*~$=U`;

/**
 * The reference that a customer of a web form is given: `F-`, ten Crockford base32 characters of the event id, a check character
 * (modulo 37, as Crockford defines it).
 */
export function formReference(eventId: string): string {
  // 50 bits of the hash part, which a number holds exactly; version and variant bits lie elsewhere.
  const hex = eventId.replaceAll('-', '');
  const number = Number.parseInt(hex.slice(0, 12), 16) * 4 + (Number.parseInt(hex.slice(-1), 16) & 3);
  let text = '';
  for (let rest = number; text.length < 10; rest = Math.floor(rest / 32)) text = `${crockford[rest % 32]}${text}`;
  return `F-${text}${crockfordCheck[number % 37]}`;
}

/** Finds a form reference in text as a customer may quote it; undefined when none has a right check character. */
export function findFormReference(text: string): string | undefined {
  for (const match of text
    .slice(0, 4096)
    .toUpperCase()
    .matchAll(/\bF-([0-9A-HJKMNP-TV-Z]{10})([0-9A-HJKMNP-TV-Z*~$=U])/g)) {
    const [reference, body = '', check = ''] = match;
    const number = [...body].reduce((sum, digit) => (sum << 5n) | BigInt(crockford.indexOf(digit)), 0n);
    if (crockfordCheck[Number(number % 37n)] === check) return reference;
  }
  return undefined;
}
