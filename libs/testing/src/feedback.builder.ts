import { createHash, randomUUID } from 'node:crypto';
import {
  conversationKey,
  type FeedbackReceived,
  feedbackEventId,
  type ReplyDelivery,
  type ReplyRequested,
} from '#contracts';

/** The CONVERSATION_SECRET of tests. */
export const testConversationSecret = 'test-conversation-secret';

/**
 * A valid feedback: a mail from a customer, other than every earlier one. Overrides replace whole fields; `id`,
 * `conversationKey` and `raw` follow from the others unless they are given.
 */
export function aFeedback(overrides: Partial<FeedbackReceived> = {}): FeedbackReceived {
  const messageId = overrides.provider?.messageId ?? `<${randomUUID()}@customer.example>`;
  const channel = overrides.channel ?? 'email';
  const account = overrides.account ?? 'support';
  const text = overrides.text ?? 'Đường truyền của trường chúng tôi bị gián đoạn từ sáng nay.';
  const revision = createHash('sha256').update(text).digest('hex');
  const id = overrides.id ?? feedbackEventId({ channel, account, messageId, revision });
  const now = new Date().toISOString();
  return {
    id,
    channel,
    kind: 'message',
    account,
    provider: { name: 'imap', messageId, receivedVia: 'poll' },
    conversationKey: conversationKey(testConversationSecret, `mail:${messageId}`),
    occurredAt: now,
    receivedAt: now,
    author: {
      identity: { kind: 'email', value: 'an@truong-le-loi.example' },
      displayName: 'Nguyễn Thị An',
      verified: true,
    },
    recipients: [{ kind: 'email', value: 'support@phanhoi.example' }],
    thread: { references: [], hints: [] },
    subject: 'Mất kết nối',
    text,
    attachments: [],
    signals: { autoReply: 'none', dmarc: 'pass', flags: [] },
    raw: { ref: `log:${id}`, sha256: revision, bytes: Buffer.byteLength(text) },
    ...overrides,
  };
}

/** A valid request to send an answer by mail, other than every earlier one. Overrides replace whole fields. */
export function aReplyRequested(overrides: Partial<ReplyRequested> = {}): ReplyRequested {
  const id = overrides.id ?? randomUUID();
  return {
    id,
    ticketId: randomUUID(),
    ticketNumber: 'PH-1024',
    conversationKey: conversationKey(testConversationSecret, `mail:<${id}@customer.example>`),
    channel: 'email',
    account: 'support',
    to: { kind: 'email', value: 'an@truong-le-loi.example' },
    subject: 'Re: Mất kết nối',
    text: 'Chúng tôi đã khôi phục đường truyền.',
    attachments: [],
    thread: { references: [] },
    requestedAt: new Date().toISOString(),
    reason: 'agent',
    ...overrides,
  };
}

/** A valid delivery: the first attempt at a reply was sent. Overrides replace whole fields. */
export function aReplyDelivery(overrides: Partial<ReplyDelivery> = {}): ReplyDelivery {
  const replyId = overrides.replyId ?? randomUUID();
  return {
    replyId,
    ticketId: randomUUID(),
    conversationKey: conversationKey(testConversationSecret, `mail:<${replyId}@customer.example>`),
    state: 'sent',
    at: new Date().toISOString(),
    attempt: 1,
    ...overrides,
  };
}
