import { jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  contracts,
  decode,
  type FeedbackReceived,
  feedbackReceivedMessage,
  type ReplyDelivery,
  replyDeliveryMessage,
  type TicketChanged,
  topicDefinitions,
  topics,
} from '#contracts';
import { ensureTopics, type LogRecord, Publisher, readTopic } from '#kafka';
import { createLogger } from '#observability';
import { aFeedback, aReplyDelivery, testDatabase, type TestDatabase, waitFor } from '#testing';
import { entities } from '../../../apps/ticketing/src/store/entities.js';
import { migrations } from '../../../apps/ticketing/src/store/migrations/migrations.js';
import { type RunningKafka, startKafka } from '../../../tools/platform/index.js';
import type { ServiceProcess } from '../service-process.js';
import { startTicketing } from './ticketing-process.js';

jest.setTimeout(180_000);

const logger = createLogger('test', 'silent');
let dir: string;
let kafka: RunningKafka;
let db: TestDatabase;
let publisher: Publisher;
const running: ServiceProcess[] = [];

// The service's topics have fixed names, so it gets a broker of its own.
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'phanhoi-ticketing-'));
  kafka = await startKafka({ dir: join(dir, 'kafka') });
  const address = { brokers: kafka.brokers, clientId: 'test', logger };
  await ensureTopics(address, topicDefinitions(['ticketing', 'email-intake']), { replication: 1 });
  publisher = new Publisher(address);
  await publisher.start();
});
afterAll(async () => {
  await publisher.close();
  await kafka.stop();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  db = await testDatabase({ schema: 'ticketing', migrations, entities });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()));
  await db.close();
});

async function start(options: { instance?: string; failpoint?: string } = {}): Promise<ServiceProcess> {
  const service = await startTicketing({ databaseUrl: db.url, brokers: kafka.brokers, storeDir: dir, ...options });
  running.push(service);
  return service;
}

const publish = (events: readonly FeedbackReceived[]) =>
  publisher.publish(events.map((event) => feedbackReceivedMessage(event)));
const deliver = (delivery: ReplyDelivery) => publisher.publish([replyDeliveryMessage('email-intake', delivery)]);

async function stored(events: readonly FeedbackReceived[]): Promise<number> {
  const [row] = await db.dataSource.query<{ n: number }[]>(
    'select count(*)::integer as n from messages where id = any ($1)',
    [events.map(({ id }) => id)],
  );
  return row?.n ?? 0;
}

const all = (events: readonly FeedbackReceived[]) =>
  waitFor(async () => (await stored(events)) === events.length, {
    timeoutMs: 90_000,
    describe: `${events.length} messages`,
  });

const drained = () =>
  waitFor(async () => (await db.dataSource.query<unknown[]>('select 1 from outbox limit 1')).length === 0, {
    timeoutMs: 60_000,
    describe: 'an empty outbox',
  });

const readLog = (topic: string, onRecord: (record: LogRecord) => void) =>
  readTopic({ brokers: kafka.brokers, clientId: 'test', logger }, { topic, onRecord });

/** The facts on the log of the tickets of these events, by ticket, without repetitions. */
async function factsOf(events: readonly FeedbackReceived[]): Promise<Map<string, TicketChanged[]>> {
  const rows = await db.dataSource.query<{ id: string }[]>(
    'select distinct ticket_id as id from messages where id = any ($1)',
    [events.map(({ id }) => id)],
  );
  const tickets = new Set(rows.map(({ id }) => id));
  const facts = new Map<string, TicketChanged[]>();
  await readLog(topics.ticketChanged, (record) => {
    const decoded = decode(contracts.ticketChanged, { headers: record.headers, value: record.bytes });
    if (!decoded.ok) throw new Error(decoded.detail);
    const fact = decoded.data as TicketChanged;
    const known = facts.get(fact.ticketId) ?? [];
    if (tickets.has(fact.ticketId) && !known.some(({ id }) => id === fact.id)) {
      facts.set(fact.ticketId, [...known, fact]);
    }
  });
  return facts;
}

const numbered = (facts: readonly TicketChanged[]) => facts.map(({ sequence }) => sequence);
const fromOne = (facts: readonly TicketChanged[]) => facts.map((_, index) => index + 1);

it('turns a form on the log into a ticket, and its facts onto the log without gaps; deliveries come back in', async () => {
  await start();
  const event = aFeedback({ channel: 'web_form', account: 'contact' });
  await publish([event]);
  await all([event]);
  const [ack] = await db.dataSource.query<{ id: string; ticketId: string }[]>(
    `select id, ticket_id as "ticketId" from messages where direction = 'outbound'`,
  );

  await deliver(aReplyDelivery({ replyId: ack?.id ?? '', ticketId: ack?.ticketId ?? '' }));
  await waitFor(
    async () => (await db.dataSource.query<unknown[]>(`select 1 from messages where state = 'sent'`)).length === 1,
  );
  await drained();

  const facts = (await factsOf([event])).get(ack?.ticketId ?? '') ?? [];
  expect(facts.map(({ type }) => type)).toEqual(['opened', 'message_added', 'reply_requested', 'reply_state_changed']);
  expect(numbered(facts)).toEqual([1, 2, 3, 4]);
  const [found] = await waitFor(async () => {
    const rows = await db.dataSource.query<{ number: number }[]>(
      `select number from ticket_search join tickets on id = ticket_id where label like extensions.f_unaccent('%mat ket noi%')`,
    );
    return rows.length > 0 && rows;
  });
  expect(found?.number).toEqual(expect.any(Number));
});

it.each(['before_commit', 'after_commit'])('loses and doubles nothing when it is killed %s (F2)', async (failpoint) => {
  const events = Array.from({ length: 300 }, (_, n) => aFeedback({ text: `${failpoint} ${n}` }));
  await publish(events);
  const doomed = await start({ failpoint });
  await doomed.exited;

  await start();
  await all(events);
  await drained();

  const facts = await factsOf(events);
  expect(facts.size).toBe(events.length);
  for (const of of facts.values()) expect(numbered(of)).toEqual(fromOne(of));
  const [{ n: tickets } = { n: 0 }] = await db.dataSource.query<{ n: number }[]>(
    `select count(*)::integer as n from tickets where id in (select ticket_id from messages where id = any ($1))`,
    [events.map(({ id }) => id)],
  );
  expect(tickets).toBe(events.length);
});

it('quarantines the one row that the database refuses, and stores its neighbours (F10)', async () => {
  const key = aFeedback().conversationKey;
  // Valid by its contract, but no year of a timestamptz.
  const poison = aFeedback({ conversationKey: key, occurredAt: '0000-01-01T00:00:00Z' });
  const good = Array.from({ length: 100 }, (_, n) => aFeedback({ conversationKey: key, text: `neighbour ${n}` }));
  await publish([...good.slice(0, 50), poison, ...good.slice(50)]);

  await start();
  await all(good);

  const letters: string[] = [];
  await waitFor(
    async () => {
      letters.length = 0;
      await readLog(topics.dead('ticketing'), (record) => {
        letters.push(record.key ?? '');
      });
      return letters.length > 0;
    },
    { timeoutMs: 30_000 },
  );
  expect(letters).toEqual([poison.id]);
  expect(await stored([poison])).toBe(0);
  expect(await db.dataSource.query('select 1 from inbox where event_id = $1', [poison.id])).toEqual([]);
});

it('shares the partitions among two consumers, each event counted once', async () => {
  await Promise.all([start({ instance: 'one' }), start({ instance: 'two' })]);
  const parents = Array.from({ length: 100 }, (_, n) => aFeedback({ text: `parent ${n}` }));
  const replies = parents.map((parent, n) =>
    aFeedback({
      text: `reply ${n}`,
      // On another partition than its parent: they meet on the row of the Message-ID.
      thread: { inReplyTo: parent.provider.messageId, references: [], hints: [] },
    }),
  );
  const events = parents.flatMap((parent, n) => [replies[n] ?? parent, parent]);
  await publish(events);

  await all(events);

  const standing = await db.dataSource.query<{ n: number }[]>(
    `select count(*)::integer as n from messages where id = any ($1) group by ticket_id`,
    [events.map(({ id }) => id)],
  );
  expect(standing.map(({ n }) => n)).toEqual(parents.map(() => 2));
});
