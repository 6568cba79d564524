import { createHash, randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import {
  conversationKey,
  type FeedbackReceived,
  feedbackEventId,
  feedbackReceivedMessage,
  partitionFor,
} from '#contracts';

const secret = 'bench-secret-bench-secret-bench-secret';
const sentences = [
  'Kính gửi bộ phận chăm sóc khách hàng, từ sáng nay đường truyền của đơn vị chúng tôi chập chờn, nhiều lần mất hẳn.',
  'Bộ định tuyến ở phòng tiếp dân vẫn sáng đèn nhưng máy trạm không vào được hệ thống một cửa.',
  'Đề nghị quý công ty cử cán bộ kỹ thuật kiểm tra trong ngày, vì ngày mai trường tổ chức thi.',
  'Hoá đơn tháng trước ghi hai lần cùng một dịch vụ, xin kiểm tra lại và báo cho kế toán của bệnh viện.',
  'Nhân viên lắp đặt rất nhiệt tình, tuy nhiên chúng tôi chờ ba ngày mới có người đến.',
];

/** A mail of a customer as email-intake would publish it; with `parent`, an answer to that one. */
export function mailEvent(sequence: number, parent?: FeedbackReceived): FeedbackReceived {
  const messageId = `<${randomUUID()}@khachhang.example>`;
  const text = Array.from({ length: 3 }, (_, i) => sentences[(sequence + i) % sentences.length]).join('\n');
  const revision = createHash('sha256').update(text).digest('hex');
  const id = feedbackEventId({ channel: 'email', account: 'support', messageId, revision });
  const at = new Date(Date.now() - 60_000).toISOString();
  const author = `khach.${parent === undefined ? sequence : parent.provider.messageId.slice(1, 9)}@donvi-${sequence % 400}.example`;
  return {
    id,
    channel: 'email',
    kind: 'message',
    account: 'support',
    provider: { name: 'imap', messageId, receivedVia: 'poll' },
    conversationKey: parent?.conversationKey ?? conversationKey(secret, `mail:${messageId}`),
    occurredAt: at,
    receivedAt: at,
    author: parent?.author ?? {
      identity: { kind: 'email', value: author },
      displayName: `Khách hàng ${sequence}`,
      verified: true,
    },
    recipients: [{ kind: 'email', value: 'support@phanhoi.example' }],
    thread: {
      ...(parent === undefined ? {} : { inReplyTo: parent.provider.messageId }),
      references: parent === undefined ? [] : [parent.provider.messageId],
      hints: [],
    },
    subject: `${parent === undefined ? '' : 'Re: '}Phản ánh chất lượng đường truyền ${sequence}`,
    text,
    language: 'vi',
    attachments: [],
    signals: { autoReply: 'none', dmarc: 'pass', flags: [] },
    raw: { ref: `log:${id}`, sha256: revision, bytes: Buffer.byteLength(text) + 900 },
  };
}

/** `count` events, 30 % of them answers to an earlier one, in the order in which they lie on the log. */
export function mailBacklog(count: number): FeedbackReceived[] {
  const roots: FeedbackReceived[] = [];
  return Array.from({ length: count }, (_, sequence) => {
    const isReply = sequence % 10 >= 7;
    const event = mailEvent(sequence, isReply ? roots[(sequence * 7919) % roots.length] : undefined);
    if (!isReply) roots.push(event);
    return event;
  });
}

/** Writes events to the log as their intake would: key, partition, headers. */
export async function publishBacklog(brokers: readonly string[], events: readonly FeedbackReceived[]): Promise<void> {
  const kafka = new Kafka({ brokers: [...brokers], clientId: 'backlog', logLevel: logLevel.ERROR });
  const producer = kafka.producer();
  await producer.connect();
  for (let start = 0; start < events.length; start += 1_000) {
    const messages = events.slice(start, start + 1_000).map((event) => {
      const { key, value, headers, partitionKey } = feedbackReceivedMessage(event);
      return { key, value, headers: { ...headers }, partition: partitionFor(partitionKey, 12) };
    });
    await producer.send({ topic: 'feedback.received.v1', messages, acks: -1 });
  }
  await producer.disconnect();
}
