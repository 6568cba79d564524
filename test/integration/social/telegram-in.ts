import { createHash } from 'node:crypto';
import {
  deliverWebhooks,
  documentedTelegram,
  postWebhook,
  TelegramSimulator,
  uniqueName,
  waitFor,
  type Webhook,
} from '#testing';
import { createLogger } from '#observability';
import { UpdateRepository } from '../../../apps/social-intake/src/store/update.repository.js';
import { UpdateLedger } from '../../../apps/social-intake/src/update-ledger.js';
import { refusals } from './refusals.js';
import { ServiceUnderTest } from './service-under-test.js';

const an = { id: 1111111, firstName: 'An' };
const secretToken = 'the-secret-of-now';

describe('Telegram', () => {
  const account = uniqueName('telegram');
  let telegram: TelegramSimulator;
  let service: ServiceUnderTest;
  let url: string;
  beforeAll(async () => {
    telegram = await TelegramSimulator.start({ botToken: '1:test', secretToken });
    service = await ServiceUnderTest.start([
      {
        id: account,
        channel: 'telegram',
        provider: 'telegram',
        credentials: { botToken: '1:test', secretToken: `${secretToken}, the-secret-of-tomorrow` },
        options: { api: telegram.api },
      },
    ]);
    url = `${service.url}/webhooks/telegram/${account}`;
  }, 90_000);
  afterAll(async () => {
    await service.close();
    await telegram.close();
  });

  const secret = (value: string) => ({ 'x-telegram-bot-api-secret-token': value });

  it('refuses what is not proven, and keeps none of it', async () => {
    const { body } = telegram.text(an, 'không tin được');
    await refusals(url, [
      ['no header', { body, headers: {} }],
      ['an empty secret', { body, headers: secret('') }],
      ['an old secret', { body, headers: secret('the-secret-of-yesterday') }],
      ['one byte changed', { body, headers: secret(`${secretToken.slice(0, -1)}x`) }],
      ['both secrets at once', { body, headers: secret(`${secretToken}, the-secret-of-tomorrow`) }],
    ]);
    expect(await postWebhook(`${service.url}/webhooks/telegram/nobody`, telegram.text(an, 'x'))).toMatchObject({
      status: 404,
    });
    expect([await service.events([account], 0), await service.deadLetters([account])]).toEqual([[], []]);
  }, 60_000);

  it('becomes events: the documented payload, a person with a long id, an edit, a file; twice is once', async () => {
    const payload = Buffer.from(JSON.stringify(documentedTelegram.text.payload));
    const file = { name: '../../hoá đơn.pdf', type: 'application/pdf', bytes: Buffer.from('%PDF-1.7 một tệp nhỏ') };
    const webhooks: Webhook[] = [
      { body: payload, headers: secret('the-secret-of-tomorrow') },
      telegram.text({ id: 9007199254740993n, firstName: 'Bình' }, 'Mạng chậm'),
      telegram.edit(an, 1365, 'Đã sửa'),
      telegram.document(an, file),
    ];
    expect(await deliverWebhooks(url, webhooks, { times: 2, connections: 1 })).toEqual(Array(8).fill(200));
    const events = await service.events([account], 8);
    const [text, long, edit, document] = events
      .filter((event, index) => events.findIndex(({ id }) => id === event.id) === index)
      .toSorted((a, b) => webhookOf(a.text) - webhookOf(b.text));
    expect(new Set(events.map(({ id }) => id)).size).toBe(4);
    expect(text).toMatchObject({
      channel: 'telegram',
      kind: 'message',
      provider: { name: 'telegram', messageId: '1111111:1365', receivedVia: 'push' },
      author: { identity: { kind: 'handle', value: 'telegram:1111111' }, verified: true },
      occurredAt: '2015-09-07T17:05:32.000Z',
      raw: { sha256: createHash('sha256').update(payload).digest('hex') },
    });
    expect(long?.author.identity?.value).toBe('telegram:9007199254740993');
    expect(edit).toMatchObject({ kind: 'edit', provider: { refersTo: '1111111:1365' } });
    const [attachment] = document?.attachments ?? [];
    expect(attachment).toMatchObject({
      name: 'hoá đơn.pdf',
      detectedType: 'application/pdf',
      bytes: file.bytes.length,
    });
    expect(await service.filesInStore()).toContain(createHash('sha256').update(file.bytes).digest('hex'));
  }, 90_000);

  it('does not wait for a file that cannot be had now: it comes later, as an edit', async () => {
    const file = { name: 'ảnh.png', type: 'image/png', bytes: Buffer.from('a picture') };
    telegram.failNext({ status: 502 }, 'hang_up');
    await postWebhook(url, telegram.document(an, file));
    const found = async (kind: string) =>
      await waitFor(async () => {
        const events = await service.events([account], 0);
        return events.find(
          (event) => event.kind === kind && event.signals.flags.some((flag) => flag.includes('media')),
        );
      });
    const message = await found('message');
    expect([message.attachments, message.signals.flags]).toEqual([[], ['media_missing']]);
    const now = () => service.database.dataSource.query('update late_media set next_attempt_at = clock_timestamp()');
    await now();
    // The second time it is cut off, the third time it is there.
    await waitFor(async () => {
      const [row] = await service.database.dataSource.query<{ attempt: number }[]>('select attempt from late_media');
      return row?.attempt === 1 ? true : undefined;
    });
    await now();
    const { messageId } = message.provider;
    expect(await found('edit')).toMatchObject({
      ...{ conversationKey: message.conversationKey, occurredAt: message.occurredAt },
      provider: { messageId, refersTo: messageId },
      attachments: [{ name: 'ảnh.png', bytes: 9 }],
      signals: { flags: ['late_media'] },
    });
    await waitFor(async () => {
      const left = await service.database.dataSource.query<object[]>('select 1 from late_media');
      return left.length === 0 ? true : undefined;
    });
  }, 60_000);

  it('keeps what it does not know, and what is no JSON, in quarantine with its bytes', async () => {
    const bodies = ['{"update_id":1,"hologram":{}}', '{"update_id":1,"message":{}}', 'no JSON', `${'['.repeat(100)}`];
    const answers = await Promise.all(
      bodies.map((body) => postWebhook(url, { body: Buffer.from(body), headers: secret(secretToken) })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const letters = await service.deadLetters([account]);
    const kept = letters.map(({ reason, body }) => [reason, Buffer.from(body?.base64 ?? '', 'base64').toString()]);
    expect(kept.toSorted()).toEqual(
      [
        ['unknown_event', bodies[0]],
        ['schema_violation', bodies[1]],
        ['not_json', bodies[2]],
        ['too_deeply_nested', bodies[3]],
      ].toSorted(),
    );
  }, 60_000);

  it('tells of gaps in the numbers of updates, once, across replicas', async () => {
    const { database } = service.database;
    const logger = createLogger('test', 'silent');
    const repository = new UpdateRepository(database);
    const replicas = [new UpdateLedger(repository, logger), new UpdateLedger(repository, logger)];
    const gap = uniqueName('gap');
    for (const [index, updateId] of [5, 6, 9, 10, 5_000].entries()) replicas[index % 2]?.note(gap, updateId);
    for (const replica of replicas) await replica.flush();
    expect(await repository.claimGaps()).toEqual([]);
    await service.database.dataSource.query(`update update_seen set seen_at = seen_at - interval '2 minutes'`);
    const claims = [await repository.claimGaps(), await repository.claimGaps()];
    expect(claims.map((claimed) => claimed.filter(({ account: of }) => of === gap))).toEqual([
      [{ account: gap, from: 7, to: 8 }],
      [],
    ]);
  }, 60_000);
});

function webhookOf(text: string): number {
  return ['/start', 'Mạng chậm', 'Đã sửa', ''].indexOf(text);
}
