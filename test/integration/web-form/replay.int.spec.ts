import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { contracts, decode, feedbackEventId, type IntakeReplay, intakeReplayMessage, topics } from '#contracts';
import { FolderStore } from '#intake';
import { Publisher } from '#kafka';
import { createLogger } from '#observability';
import { testBrokers, waitFor } from '#testing';
import { recordsOf, type ServiceUnderTest, startService } from './service-under-test.js';

const logger = createLogger('test', 'silent');

describe('a replay from quarantine', () => {
  let service: ServiceUnderTest;
  let publisher: Publisher;
  const began = Date.now() - 1_000;
  beforeAll(async () => {
    service = await startService({ consumes: true });
    publisher = new Publisher({ brokers: testBrokers(), clientId: 'test', logger });
    await publisher.start();
  }, 60_000);
  afterAll(async () => {
    await publisher.close();
    await service.close();
  });

  function replayOf(bytes: Buffer, contentType: string, body: Partial<IntakeReplay['body']>): IntakeReplay {
    return {
      id: randomUUID(),
      app: 'web-form-intake',
      channel: 'web_form',
      account: service.forms.plain,
      context: { contentType, messageId: randomUUID() },
      headers: {},
      body: { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length, ...body },
      at: new Date().toISOString(),
    };
  }

  it.each([
    ['JSON in the letter', 'application/json', '{"message":"lại lần nữa"}'],
    [
      'a form from the store',
      'application/x-www-form-urlencoded',
      'message=l%E1%BA%A1i+l%E1%BA%A7n+n%E1%BB%AFa&idempotency_key=x',
    ],
  ])(
    'takes %s along the same path, under the id that it would have had',
    async (_, contentType, text) => {
      const bytes = Buffer.from(text);
      const isLarge = contentType !== 'application/json';
      if (isLarge) await new FolderStore(service.storeFolder).put(Readable.from([bytes]), { maxBytes: 1000 });
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const replay = replayOf(
        bytes,
        contentType,
        isLarge ? { ref: `store:${sha256}` } : { base64: bytes.toString('base64') },
      );
      await publisher.publish([intakeReplayMessage(replay)]);
      const key = replay.context?.messageId ?? '';
      const id = feedbackEventId({ channel: 'web_form', account: service.forms.plain, messageId: key, revision: key });
      const record = await waitFor(async () => (await recordsOf(topics.feedbackReceived, id, began))[0], {
        timeoutMs: 40_000,
      });
      expect(decode(contracts.feedbackReceived, { headers: record.headers, value: record.bytes })).toMatchObject({
        ok: true,
        data: { id, text: 'lại lần nữa', provider: { receivedVia: 'replay' }, raw: { sha256 } },
      });
    },
    90_000,
  );

  it('that still cannot be taken goes to quarantine again', async () => {
    const bytes = Buffer.from('{"message":""}');
    const replay = replayOf(bytes, 'application/json', { base64: bytes.toString('base64') });
    await publisher.publish([intakeReplayMessage(replay)]);
    const letter = await waitFor(async () => (await recordsOf(topics.dead('web-form-intake'), replay.id, began))[0], {
      timeoutMs: 40_000,
    });
    expect(JSON.parse(String(letter.bytes))).toMatchObject({
      reason: 'schema_violation',
      step: 'normalize',
      detail: 'validation_failed',
    });
  }, 90_000);
});
