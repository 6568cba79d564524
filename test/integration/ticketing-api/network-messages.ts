import { randomUUID } from 'node:crypto';
import type { FeedbackReceived } from '#contracts';
import { aFeedback } from '#testing';

export const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

/** Something that a customer said on a network or by SMS, without subject and recipients as there. */
export function said(
  channel: FeedbackReceived['channel'],
  identity: FeedbackReceived['author']['identity'],
  over: Partial<FeedbackReceived> = {},
): FeedbackReceived {
  const messageId = randomUUID();
  const { subject: _subject, ...event } = aFeedback({
    channel,
    account: `${channel}-1`,
    provider: { name: channel, messageId, receivedVia: 'push' },
    conversationKey: randomUUID().replaceAll('-', ''),
    author: { verified: true, ...(identity === undefined ? {} : { identity }) },
    recipients: [],
    signals: { autoReply: 'none', flags: [] },
    ...over,
  });
  return event;
}

export const handle = (channel: string) => ({ kind: 'handle' as const, value: `${channel}:${randomUUID()}` });
export const number = () => ({ kind: 'phone' as const, value: `+849${Math.floor(1e8 + Math.random() * 9e8)}` });
