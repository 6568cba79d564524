import { cleanText, cutToBytes, eventLimits, feedbackEventId } from '#contracts';
import { consentWordOf } from './consent.js';
import { clampTime, keyOf, type MediaLink, type PhoneContext, type Read } from './context.js';
import { e164Of } from './number.js';

export interface ShortMessage {
  readonly messageId: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly at?: string;
  readonly media?: readonly MediaLink[];
}

const flagOf = { stop: 'opt_out', start: 'opt_in', help: 'help' } as const;

/** A short message of a customer. A sender who is no number (a bank's name) has no identity that could be answered. */
export function readSms(message: ShortMessage, context: PhoneContext): Read {
  if (message.messageId === '' || message.messageId.length > 200)
    return { kind: 'unreadable', detail: 'the message has no usable id' };
  const number = e164Of(message.from);
  const id = feedbackEventId({ channel: 'sms', account: context.account, messageId: message.messageId });
  const { text, truncated } = cutToBytes(cleanText(message.text), eventLimits.text);
  const { at, clamped } = clampTime(message.at, context.receivedAt);
  const word = consentWordOf(text);
  const to = e164Of(message.to);
  return {
    kind: 'event',
    ...(message.media === undefined ? {} : { media: message.media }),
    ...(number === undefined || word === undefined || word === 'help' ? {} : { consent: word }),
    event: {
      id,
      channel: 'sms',
      kind: 'message',
      account: context.account,
      provider: { name: context.provider, messageId: cleanText(message.messageId), receivedVia: context.receivedVia },
      conversationKey: keyOf(context, number, id),
      occurredAt: at,
      receivedAt: context.receivedAt.toISOString(),
      author: {
        verified: number !== undefined,
        ...(number === undefined ? {} : { identity: { kind: 'phone', value: number } }),
        ...(number === undefined ? { displayName: cutToBytes(cleanText(message.from), 100).text } : {}),
      },
      recipients: to === undefined ? [] : [{ kind: 'phone', value: to }],
      thread: { references: [], hints: [] },
      text,
      attachments: [],
      signals: {
        autoReply: 'none',
        flags: [
          ...(truncated ? ['truncated'] : []),
          ...(clamped ? ['time_clamped'] : []),
          ...(word === undefined ? [] : [flagOf[word]]),
        ],
      },
    },
  };
}
