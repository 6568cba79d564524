import type { FeedbackReceived } from '#contracts';

export function isRedacted(event: FeedbackReceived): boolean {
  return event.signals.flags.includes('erased');
}

/** The same event without anything personal: ids, channel, kind and times stay, so that counts and rebuilds stay equal. */
export function redactFeedback(event: FeedbackReceived): FeedbackReceived {
  const { id, channel, kind, account, provider, conversationKey, occurredAt, receivedAt, signals, raw } = event;
  return {
    id,
    channel,
    kind,
    account,
    provider: { name: provider.name, messageId: provider.messageId, receivedVia: provider.receivedVia },
    conversationKey,
    occurredAt,
    receivedAt,
    author: { verified: false },
    recipients: [],
    thread: { references: [], hints: [] },
    text: '',
    attachments: [],
    signals: { autoReply: signals.autoReply, flags: ['erased'] },
    raw,
  };
}
