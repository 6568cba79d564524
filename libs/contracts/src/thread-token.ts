import { createHmac, timingSafeEqual } from 'node:crypto';

/** Of `THREAD_SECRETS`: the first signs, all verify, so that secrets can be rotated. */
export type ThreadSecrets = readonly [string, ...string[]];

const macBytes = 10;

function mac(secret: string, purpose: string, subject: string): string {
  return createHmac('sha256', secret).update(`${purpose}\0${subject}`).digest().subarray(0, macBytes).toString('hex');
}

function isSigned(secrets: ThreadSecrets, purpose: string, subject: string, claimed: string): boolean {
  const claim = Buffer.from(claimed, 'hex');
  if (claim.length !== macBytes) return false;
  // Every secret is tried, so that time does not tell which one matched.
  return secrets
    .map((secret) => timingSafeEqual(Buffer.from(mac(secret, purpose, subject), 'hex'), claim))
    .includes(true);
}

const replyMessageId =
  /^<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([a-z2-7]{32})\.([0-9a-f]{20})@[^\s<>@]{1,255}>?$/;

/**
 * The stable Message-ID of a reply: `<replyId.conversationKey.hmac@domain>`. The HMAC proves to us that whoever quotes it was
 * written to by us; the conversation key lets clients that drop References still thread.
 */
export function createReplyMessageId(
  reply: { readonly replyId: string; readonly conversationKey: string; readonly domain: string },
  secrets: ThreadSecrets,
): string {
  const subject = `${reply.replyId}.${reply.conversationKey}`;
  return `<${subject}.${mac(secrets[0], 'message-id', subject)}@${reply.domain}>`;
}

/** Reads a Message-ID of ours; undefined when it is not ours or the HMAC is wrong. Accepts it with and without angle brackets. */
export function verifyReplyMessageId(
  messageId: string,
  secrets: ThreadSecrets,
): { replyId: string; conversationKey: string } | undefined {
  const match = replyMessageId.exec(messageId.trim());
  if (match === null) return undefined;
  const [, replyId = '', conversationKey = '', claimed = ''] = match;
  return isSigned(secrets, 'message-id', `${replyId}.${conversationKey}`, claimed)
    ? { replyId, conversationKey }
    : undefined;
}

/**
 * The signed plus-address of a ticket: `support+ph-1024.<hmac>@example.vn`.
 * @param address our own mailbox, without a plus part.
 */
export function createPlusAddress(address: string, ticketNumber: string, secrets: ThreadSecrets): string {
  const at = address.lastIndexOf('@');
  const number = ticketNumber.toLowerCase();
  return `${address.slice(0, at)}+${number}.${mac(secrets[0], 'plus-address', number)}${address.slice(at)}`;
}

/** Reads the ticket number (upper case) out of a signed plus-address or its local part; undefined when the HMAC is wrong. */
export function verifyPlusAddress(address: string, secrets: ThreadSecrets): { ticketNumber: string } | undefined {
  const match = /\+([a-z0-9]{1,10}-\d{1,12})\.([0-9a-f]{20})(?:@|$)/i.exec(address.slice(0, 512));
  if (match === null) return undefined;
  const [, number = '', claimed = ''] = match;
  return isSigned(secrets, 'plus-address', number.toLowerCase(), claimed.toLowerCase())
    ? { ticketNumber: number.toUpperCase() }
    : undefined;
}
