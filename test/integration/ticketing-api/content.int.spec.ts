import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { type FeedbackReceived, feedbackRawMessage, topicDefinitions, topics } from '#contracts';
import { FolderStore } from '#intake';
import { ensureTopics, Publisher } from '#kafka';
import { createLogger } from '#observability';
import { aFeedback, testBrokers } from '#testing';
import { ApiUnderTest } from './api-under-test.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

const stored = async (bytes: string) => {
  const { sha256 } = await new FolderStore(api.storeDir).put(Readable.from([Buffer.from(bytes)]), { maxBytes: 1e6 });
  return { sha256, bytes: Buffer.byteLength(bytes) };
};
const file = async (bytes: string, name: string, detectedType?: string) => ({
  ...(await stored(bytes)),
  name,
  mediaType: 'text/html',
  inline: false,
  ...(detectedType === undefined ? {} : { detectedType }),
});
const giveAway = async (number: string) => {
  const { body } = await api.call({ method: 'POST', url: '/api/v1/teams', as: 'admin', body: { name: randomUUID() } });
  await api.call({ method: 'POST', url: `/api/v1/tickets/${number}/assign`, as: 'admin', body: { team: body.id } });
};

describe('an attachment', () => {
  it('is streamed to be saved: its name encoded, its type what the bytes are, never sniffed nor run', async () => {
    const attachment = await file('%PDF-1.7 nội dung', 'biên bản.pdf', 'application/pdf');
    await api.receive(aFeedback({ attachments: [attachment] }));
    const answer = await api.call({ url: `/api/v1/attachments/${attachment.sha256}`, as: 'agent' });
    expect([answer.status, answer.text]).toEqual([200, '%PDF-1.7 nội dung']);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': String(attachment.bytes),
      'content-disposition': `attachment; filename="bien ban.pdf"; filename*=UTF-8''bi%C3%AAn%20b%E1%BA%A3n.pdf`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
  });

  it('that is a page or an unknown thing goes out as mere bytes, whatever the sender calls it', async () => {
    const attachment = await file('<script>alert(1)</script>', 'x.html');
    await api.receive(aFeedback({ attachments: [attachment] }));
    const { headers } = await api.call({ url: `/api/v1/attachments/${attachment.sha256}`, as: 'agent' });
    expect(headers['content-type']).toBe('application/octet-stream');
  });

  it("of another team's ticket, of no ticket, or gone from the store is not there", async () => {
    const attachment = await file(randomUUID(), 'kín.txt', 'text/plain');
    const number = await api.receive(aFeedback({ attachments: [attachment] }));
    await giveAway(number);
    const orphan = await stored(randomUUID());
    const lost = { ...attachment, sha256: createHash('sha256').update(randomUUID()).digest('hex') };
    await api.receive(aFeedback({ attachments: [lost] }));
    for (const name of [attachment.sha256, orphan.sha256, lost.sha256, 'f'.repeat(63), '..%2f..%2fetc%2fpasswd', "'"]) {
      const answer = await api.call({ url: `/api/v1/attachments/${name}`, as: 'agent' });
      expect([answer.status, answer.body.code]).toEqual([404, 'attachment_unknown']);
    }
    expect((await api.call({ url: `/api/v1/attachments/${attachment.sha256}`, as: 'analyst' })).status).toBe(200);
  });
});

describe('an original', () => {
  const read = (event: FeedbackReceived, as: 'agent' | 'admin' = 'agent') =>
    api.call({ url: `/api/v1/messages/${event.id}/original`, as });

  it('comes from the log, byte for byte, and the reading is audited', async () => {
    const logger = createLogger('test', 'silent');
    const address = { brokers: testBrokers(), clientId: 'content-spec', logger };
    await ensureTopics(address, topicDefinitions(['ticketing']), { replication: 1 });
    const publisher = new Publisher(address);
    await publisher.start();
    const event = aFeedback();
    await api.receive(event);
    const bytes = Buffer.from('From: an@truong.example\r\n\r\nXin ch\xe0o', 'latin1');
    const message = feedbackRawMessage(event, { bytes, contentType: 'message/rfc822' });
    expect(message.topic).toBe(topics.feedbackRaw);
    await publisher.publish([message]);
    await publisher.close();
    const answer = await api.app.inject({
      url: `/api/v1/messages/${event.id}/original`,
      headers: { authorization: `Bearer ${await api.token('agent')}` },
    });
    expect([answer.statusCode, answer.rawPayload]).toEqual([200, bytes]);
    expect(answer.headers['content-disposition']).toContain(`${event.id}.eml`);
    const audit = await api.call({
      url: `/api/v1/audit?action=original_read&subject=message:${event.id}`,
      as: 'admin',
    });
    expect(audit.body.items).toHaveLength(1);
  });

  it('comes from the store when it is large', async () => {
    const { sha256, bytes } = await stored('x'.repeat(200_000));
    const event = aFeedback({ raw: { ref: `store:${sha256}`, sha256, bytes } });
    await api.receive(event);
    expect([(await read(event)).status, (await read(event)).text.length]).toEqual([200, 200_000]);
  });

  it('that is not kept any more is 410', async () => {
    const sha256 = createHash('sha256').update(randomUUID()).digest('hex');
    const lost = aFeedback({ raw: { ref: `store:${sha256}`, sha256, bytes: 5 } });
    await api.receive(lost);
    const answer = await read(lost);
    expect([answer.status, answer.body.code]).toEqual([410, 'original_expired']);
  });

  it("of another team's ticket or of no message is not there", async () => {
    const event = aFeedback();
    await giveAway(await api.receive(event));
    const hidden = await read(event);
    expect([hidden.status, hidden.body.code]).toEqual([404, 'message_unknown']);
    const unknown = await read(aFeedback());
    expect([unknown.status, unknown.body.code]).toEqual([404, 'message_unknown']);
  });
});
