import { createHmac, hash } from 'node:crypto';
import type { DeliveryState } from './registries.js';

/** The namespace of every deterministic id of the product; changing it would double all events. */
const namespace = Buffer.from('5f2c1c64c8a84be58d2f6a4a6d1f9b70', 'hex');

/** UUID version 5 over the parts, joined so that no two lists of parts read the same. Source: RFC 9562, 5.5. */
export function uuidV5(...parts: readonly string[]): string {
  const name = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  const digest = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]), 'buffer');
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
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

/**
 * The opaque conversation key: lower-case base32 of the first 20 bytes of hmac-sha256, 32 characters.
 * A plain hash could be reversed for short scopes such as telephone numbers.
 * @param secret `CONVERSATION_SECRET`, never rotated: keys on the log must stay equal.
 * @param scope as contracts.md says, e.g. `mail:<root@example.org>`.
 */
export function conversationKey(secret: string, scope: string): string {
  return base32(createHmac('sha256', secret).update(scope).digest().subarray(0, 20));
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
