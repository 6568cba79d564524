import { randomUUID } from 'node:crypto';
import { type IntakeReplay, intakeReplayMessage } from '#contracts';
import type { ChannelAccount } from '#env';
import { Publisher } from '#kafka';
import { createLogger } from '#observability';
import { deliverWebhooks, postWebhook, testBrokers, uniqueName, waitFor, ZaloSimulator } from '#testing';
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
