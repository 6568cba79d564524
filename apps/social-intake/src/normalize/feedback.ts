import {
  type Attachment,
  cleanText,
  conversationKey,
  cutToBytes,
  eventLimits,
  type FeedbackReceived,
  feedbackEventId,
  type Identity,
  type ReceivedVia,
} from '#contracts';
import { handleOf, type SocialMessage } from './reading.js';

export interface FeedbackContext {
  /** The configured account that the message came to. */
  readonly account: string;
  /** The name of the network. */
  readonly provider: string;
  /** `CONVERSATION_SECRET`. */
  readonly secret: string;
  readonly receivedAt: Date;
  readonly receivedVia: ReceivedVia;
  readonly attachments: readonly Attachment[];
  /** For example `media_missing`. */
  readonly flags: readonly string[];
}

const year2000 = Date.UTC(2000, 0, 1);
const maxFieldBytes = 4 * 1024;

/** The event of a message; where its original lies is added when that is known. */
export function toFeedback(message: SocialMessage, context: FeedbackContext): Omit<FeedbackReceived, 'raw'> {
  const flags = new Set(context.flags);
  const occurredAt = clampedTime(message.at, context.receivedAt, flags);
  const text = fittingText(message.text, flags);
  const customer = identityOf(message);
  const isOurs = message.kind === 'echo';
  const { channel, kind, messageId, revision, conversationId, refersTo, inReplyTo, locale, fields } = message;
  const displayName = message.displayName === undefined ? undefined : cut(message.displayName, 1_000);
  return {
    id: feedbackEventId({
      channel,
      account: context.account,
      messageId,
      ...(revision === undefined ? {} : { revision }),
    }),
    channel,
    kind,
    account: context.account,
    provider: {
      name: context.provider,
      messageId,
      receivedVia: context.receivedVia,
      ...(conversationId === undefined ? {} : { conversationId }),
      ...(refersTo === undefined ? {} : { refersTo }),
    },
    conversationKey: conversationKey(context.secret, `${channel}:${context.account}:${message.customer ?? messageId}`),
    occurredAt: occurredAt.toISOString(),
    receivedAt: context.receivedAt.toISOString(),
    author: {
      // The network vouches for who wrote: its signature is checked.
      verified: true,
      ...(isOurs || customer === undefined ? {} : { identity: customer }),
      ...(displayName === undefined || displayName === '' ? {} : { displayName }),
      ...(locale === undefined || locale.length > 35 ? {} : { locale }),
    },
    recipients: isOurs && customer !== undefined ? [customer] : [],
    thread: { references: [], hints: [], ...(inReplyTo === undefined ? {} : { inReplyTo }) },
    text,
    attachments: [...context.attachments],
    ...(fields === undefined ? {} : { fields: cleanFields(fields) }),
    signals: { autoReply: message.automatic === true ? 'auto_reply' : 'none', flags: [...flags] },
  };
}

/** A number on WhatsApp is the person's telephone. */
export function identityOf({ channel, customer }: Pick<SocialMessage, 'channel' | 'customer'>): Identity | undefined {
  if (customer === undefined) return undefined;
  return channel === 'whatsapp' && /^[1-9]\d{6,14}$/.test(customer)
    ? { kind: 'phone', value: `+${customer}` }
    : handleOf(channel, customer);
}

function clampedTime(at: number | undefined, receivedAt: Date, flags: Set<string>): Date {
  if (at === undefined) return receivedAt;
  if (at >= year2000 && at <= receivedAt.getTime()) return new Date(at);
  flags.add('time_clamped');
  return receivedAt;
}

/** Control characters take six bytes of JSON each: a text of them is cut so that the whole event fits. */
function fittingText(given: string, flags: Set<string>): string {
  const clean = cleanText(given);
  let cutText = cutToBytes(clean, eventLimits.text);
  if (Buffer.byteLength(JSON.stringify(cutText.text)) > 2 * eventLimits.text) {
    cutText = { text: cutToBytes(cutText.text, eventLimits.text / 4).text, truncated: true };
  }
  if (cutText.truncated) flags.add('truncated');
  return cutText.text;
}

function cleanFields(fields: NonNullable<SocialMessage['fields']>): NonNullable<FeedbackReceived['fields']> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? cut(value, maxFieldBytes) : value,
    ]),
  );
}

function cut(text: string, maxBytes: number): string {
  return cutToBytes(cleanText(text), maxBytes).text;
}
