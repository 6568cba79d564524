import { randomUUID } from 'node:crypto';
import { type IntakeReplay, intakeReplayMessage } from '#contracts';
import type { ChannelAccount } from '#env';
import { Publisher } from '#kafka';
import { createLogger } from '#observability';
import { deliverWebhooks, MetaSimulator, postWebhook, testBrokers, uniqueName, waitFor, ZaloSimulator } from '#testing';
import { ServiceUnderTest } from './service-under-test.js';

const app = { appId: '1', oaSecretKey: 'oa-secret-of-now', oaId: '2' };
const zalo = new ZaloSimulator(app);
const nowhere = '127.0.0.1:1';

const accountOf = (id: string): ChannelAccount => ({
  id,
  channel: 'zalo',
  provider: 'zalo',
  address: app.oaId,
  credentials: { appId: app.appId, oaSecretKey: app.oaSecretKey },
  options: {},
});

it('while the broker is away, webhooks are told yes from the spool; twice is one id there too', async () => {
  const account = uniqueName('zalo');
  const service = await ServiceUnderTest.start([accountOf(account)], { KAFKA_BROKERS: nowhere });
  try {
    const webhooks = Array.from({ length: 20 }, (_, index) => zalo.text('5', `số ${index}`));
    const statuses = await deliverWebhooks(`${service.url}/webhooks/zalo/${account}`, webhooks, {
      times: 2,
      retries: 0,
    });
    expect(statuses).toEqual(Array(40).fill(200));
    const rows = await service.database.dataSource.query<{ events: string; ids: string }[]>(
      `select count(*) events, count(distinct key) ids from spool where topic = 'feedback.received.v1'`,
    );
    expect(rows).toEqual([{ events: '40', ids: '20' }]);
  } finally {
    await service.close();
  }
}, 90_000);

it('with broker and database away nothing is acknowledged', async () => {
  const account = uniqueName('zalo');
  const service = await ServiceUnderTest.start([accountOf(account)], {
    KAFKA_BROKERS: nowhere,
    DATABASE_URL: `postgres://nobody@${nowhere}/none`,
  });
  try {
    const { status } = await postWebhook(`${service.url}/webhooks/zalo/${account}`, zalo.text('5', 'x'));
    expect([status, (await fetch(`${service.url}/health/ready`)).status]).toEqual([503, 503]);
  } finally {
    await service.close();
  }
}, 90_000);

it('while the database is away nobody can tell whose an echo is: it is kept in quarantine, and receipts come again', async () => {
  const account = uniqueName('zalo');
  const number = uniqueName('whatsapp');
  const graph = { appSecret: 'app-secret', accessToken: 'token' };
  const meta = await MetaSimulator.start(graph);
  const credentials = { ...graph, verifyToken: 'verify' };
  const service = await ServiceUnderTest.start(
    [
      accountOf(account),
      { id: number, channel: 'whatsapp', provider: 'meta', address: '7', credentials, options: { api: meta.api } },
    ],
    { DATABASE_URL: `postgres://nobody@${nowhere}/none` },
  );
  try {
    const echo = zalo.echo('5', 'của ai?', 'admin-1');
    expect(await postWebhook(`${service.url}/webhooks/zalo/${account}`, echo)).toMatchObject({ status: 200 });
    const letters = await service.deadLetters([account]);
    expect(letters.map(({ reason, step, body }) => [reason, step, Buffer.from(body?.base64 ?? '', 'base64')])).toEqual([
      ['unknown_failure', 'judge', echo.body],
    ]);
    const sent = { id: 'wamid.1', from: '7', to: '84900000001', text: 'x', metadata: randomUUID() };
    const status = meta.webhook(meta.whatsAppStatus('7', sent, 'delivered'));
    expect(await postWebhook(`${service.url}/webhooks/meta/${number}`, status)).toMatchObject({ status: 503 });
  } finally {
    await service.close();
    await meta.close();
  }
}, 90_000);

it('what an operator sends back takes the same path, under the id that it would have had', async () => {
  const account = uniqueName('zalo');
  const service = await ServiceUnderTest.start([accountOf(account)]);
  const publisher = new Publisher({ brokers: testBrokers(), clientId: 'test', logger: createLogger('test', 'silent') });
  await publisher.start();
  try {
    const { body, headers } = zalo.text('5', 'lại lần nữa');
    const replay: IntakeReplay = {
      id: randomUUID(),
      app: 'social-intake',
      channel: 'zalo',
      account,
      headers: {},
      body: { sha256: '0'.repeat(64), bytes: body.length, base64: body.toString('base64') },
      at: new Date().toISOString(),
    };
    await publisher.publish([intakeReplayMessage(replay)]);
    const [replayed] = await service.events([account], 1);
    expect(await postWebhook(`${service.url}/webhooks/zalo/${account}`, { body, headers })).toMatchObject({
      status: 200,
    });
    const both = await waitFor(async () => {
      const events = await service.events([account], 2);
      return events.length === 2 ? events : undefined;
    });
    expect(both.map(({ id, provider }) => [id, provider.receivedVia])).toEqual([
      [replayed?.id, 'replay'],
      [replayed?.id, 'push'],
    ]);
  } finally {
    await publisher.close();
    await service.close();
  }
}, 120_000);
