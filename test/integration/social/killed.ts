import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  contracts,
  decode,
  feedbackEventId,
  type FeedbackReceived,
  type ReplyDelivery,
  replyRequestedMessage,
  topicDefinitions,
  topics,
} from '#contracts';
import { ensureTopics, Publisher, readTopic } from '#kafka';
import { createLogger } from '#observability';
import {
  aReplyRequested,
  MetaSimulator,
  postWebhook,
  type TestDatabase,
  testBrokers,
  testDatabase,
  uniqueName,
  waitFor,
  ZaloSimulator,
} from '#testing';
import { migrations } from '../../../apps/social-intake/src/store/migrations/migrations.js';
import { freePort } from '../../../tools/platform/ports.js';

const logger = createLogger('test', 'silent');
const kafka = { brokers: testBrokers(), clientId: 'test', logger };
const meta = { appSecret: 'app-secret', accessToken: 'token', verifyToken: 'verify' };
const zalo = { appId: '1', oaSecretKey: 'k', oaId: '2', appSecret: 's', refreshToken: 'first' };
const began = Date.now() - 1_000;

describe('social-intake, killed', () => {
  const ids = { messenger: uniqueName('messenger'), zalo: uniqueName('zalo') };
  let publisher: Publisher;
  let graph: MetaSimulator;
  let signIn: ZaloSimulator;
  let database: TestDatabase;
  let folder: string;
  const running = new Set<ChildProcess>();
  beforeEach(async () => {
    await ensureTopics(kafka, topicDefinitions(['social-intake']), { replication: 1 });
    publisher = new Publisher(kafka);
    await publisher.start();
    graph = await MetaSimulator.start(meta);
    signIn = new ZaloSimulator(zalo);
    const { api, oauth } = await signIn.listen();
    database = await testDatabase({ schema: 'social', migrations });
    folder = await mkdtemp(join(tmpdir(), 'social-crash-'));
    const { oaId, ...credentials } = zalo;
    const accounts = [
      {
        id: ids.messenger,
        channel: 'messenger',
        provider: 'meta',
        address: '77',
        credentials: meta,
        options: { api: graph.api },
      },
      { id: ids.zalo, channel: 'zalo', provider: 'zalo', address: oaId, credentials, options: { api, oauth } },
    ];
    await writeFile(join(folder, 'channels.yaml'), JSON.stringify({ accounts }));
  }, 90_000);
  afterEach(async () => {
    for (const child of running) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await Promise.all([graph.close(), signIn.close(), publisher.close(), database.close()]);
    await rm(folder, { recursive: true });
  }, 60_000);

  const start = async (FAILPOINT?: string) => {
    const port = await freePort();
    const child = spawn(process.execPath, [resolve('dist/services/social-intake.js')], {
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'test',
        PORT: String(port),
        INSTANCE: 'crash',
        KAFKA_BROKERS: testBrokers().join(','),
        DATABASE_URL: database.url,
        CHANNELS_FILE: join(folder, 'channels.yaml'),
        STORE_DIR: join(folder, 'store'),
        CONVERSATION_SECRET: 'a secret of at least thirty-two characters',
        ...(FAILPOINT === undefined ? {} : { FAILPOINT }),
      },
      stdio: 'ignore',
    });
    running.add(child);
    const ended = once(child, 'exit').then(([code, signal]) => {
      running.delete(child);
      return (signal ?? code) as string | number | null;
    });
    const kill = async () => {
      child.kill('SIGKILL');
      await ended;
    };
    return { url: `http://127.0.0.1:${port}`, ended, kill };
  };
  const eventsOf = async (account: string) => {
    const found: FeedbackReceived[] = [];
    await readTopic(kafka, {
      topic: topics.feedbackReceived,
      from: began,
      onRecord: ({ headers, bytes }) => {
        const decoded = decode(contracts.feedbackReceived, { headers, value: bytes });
        if (decoded.ok && decoded.data.account === account) found.push(decoded.data);
      },
    });
    return found;
  };
  const statesOf = async (replyId: string) => {
    const found = new Set<ReplyDelivery['state']>();
    await readTopic(kafka, {
      topic: topics.replyDelivery,
      from: began,
      onRecord: ({ headers, bytes }) => {
        const decoded = decode(contracts.replyDelivery, { headers, value: bytes });
        if (decoded.ok && decoded.data.replyId === replyId) found.add(decoded.data.state);
      },
    });
    return [...found];
  };

  it('after Meta took an answer, sends it no second time, and learns from the echo that it left', async () => {
    const doomed = await start('reply_sent');
    const to = { kind: 'handle' as const, value: 'messenger:5' };
    const reply = aReplyRequested({
      account: ids.messenger,
      channel: 'messenger',
      to,
      conversationKey: uniqueName('c'),
    });
    await publisher.publish([replyRequestedMessage('social', reply)]);
    expect(await doomed.ended).toBe('SIGKILL');
    const { url } = await start();
    await waitFor(async () => (await statesOf(reply.id)).includes('uncertain'), { timeoutMs: 60_000 });
    const [message] = graph.answers;
    if (message !== undefined) {
      const echo = graph.webhook(graph.echoOf('77', message));
      expect(await postWebhook(`${url}/webhooks/meta/${ids.messenger}`, echo)).toMatchObject({ status: 200 });
    }
    await waitFor(async () => (await statesOf(reply.id)).includes('sent'), { timeoutMs: 30_000 });
    expect(graph.answers.map(({ metadata }) => metadata)).toEqual([`phanhoi:${reply.id}`]);
  }, 180_000);

  it('while a message came that Meta never told it of, finds it in the conversations', async () => {
    const doomed = await start();
    const runs = () => database.dataSource.query<object[]>('select from intake_presence');
    await waitFor(async () => (await runs()).length === 1, { timeoutMs: 60_000 });
    await doomed.kill();
    const update = graph.messenger('77', '5', 'Có ai không?');
    await start();
    const found = await waitFor(
      async () => {
        const events = await eventsOf(ids.messenger);
        return events.length > 0 && (await runs()).length === 1 ? events : undefined;
      },
      { timeoutMs: 60_000, everyMs: 500 },
    );
    const [{ message } = { message: { mid: '' } }] = update.entry.messaging as { message: { mid: string } }[];
    const id = feedbackEventId({ channel: 'messenger', account: ids.messenger, messageId: message.mid });
    expect(found.map((event) => [event.id, event.text])).toEqual([[id, 'Có ai không?']]);
  }, 180_000);

  it.each([
    ['before it asked for a new token, uses the old one', 'token_refreshing', 'ready'],
    ['after the new token was made and before it was kept, asks for a person', 'token_exchanged', 'reauthorize'],
  ])(
    '%s',
    async (_, failpoint, state) => {
      const doomed = await start(failpoint);
      expect(await doomed.ended).toBe('SIGKILL');
      await start();
      await waitFor(
        async () => {
          const [row] = await database.dataSource.query<{ state: string }[]>('select state from token_pair');
          return row?.state === state;
        },
        { timeoutMs: 60_000, describe: () => `the pair to be ${state}` },
      );
      expect(signIn.exchanges).toEqual(state === 'ready' ? ['first'] : ['first', 'first']);
    },
    180_000,
  );
});
