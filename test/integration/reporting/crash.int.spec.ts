import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { apps, feedbackReceivedMessage, ticketChangedMessage, topicDefinitions, topics } from '#contracts';
import { ensureTopics, Publisher } from '#kafka';
import { aFeedback, type TestDatabase, testBrokers, testDatabase, uniqueName, waitFor } from '#testing';
import { ticketLife } from '../../../apps/reporting/src/domain/ticket-lives.fixture.js';
import { migrations } from '../../../apps/reporting/src/store/migrations/migrations.js';
import { cellsMissingFromRecount } from './recount.js';
import { address } from './service-under-test.js';

const name = uniqueName('reporting');
const account = uniqueName('crash');
const lives = fc.sample(ticketLife, 60);
const events = Array.from({ length: 40 }, () => aFeedback({ account }));
const started: ChildProcess[] = [];
let db: TestDatabase;
let publisher: Publisher;

beforeAll(async () => {
  db = await testDatabase({ schema: 'reporting', migrations });
  const dead = { name: topics.dead(name), partitions: 1, config: {} };
  await ensureTopics(address(), [...topicDefinitions(apps), dead], { replication: 1 });
  publisher = new Publisher(address());
  await publisher.start();
}, 60_000);
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await publisher.close();
  await db.close();
});

/** The service out of the build that `npm test` makes, under groups of its own. */
const program = `
  import 'reflect-metadata';
  const { loadSettings } = await import('#env');
  const { runService } = await import('#http');
  const { settingsSchema } = await import('./dist/apps/reporting/src/env.js');
  const { reportingService } = await import('./dist/apps/reporting/src/service-options.js');
  await runService(reportingService(loadSettings(settingsSchema), '${name}'));
`;

function start(failpoint: string): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      PORT: '0',
      KAFKA_BROKERS: testBrokers().join(','),
      DATABASE_URL: db.url,
      JWKS_URL: 'http://127.0.0.1:9/jwks.json',
      STORE_DIR: '/nowhere',
      FAILPOINT: failpoint,
    },
  });
  started.push(child);
  return child;
}

async function counted(): Promise<{ tickets: number; feedback: number }> {
  const [row] = await db.database.query<{ tickets: number; feedback: number }>({
    name: '',
    text: `select (select count(*)::int from ticket_progress p join unnest($1::uuid[], $2::int[]) as t (ticket_id, last)
        on p.ticket_id = t.ticket_id and p.last_sequence = t.last) as tickets,
      (select count(*)::int from feedback where account = $3) as feedback`,
    values: [lives.map((life) => life[0]!.ticketId), lives.map((life) => life.length), account],
  });
  return row!;
}

it('counts everything once when it is killed between the commit in Postgres and the offset in Kafka', async () => {
  await publisher.publish([
    ...events.map((event) => feedbackReceivedMessage(event)),
    ...lives.flat().map((fact) => ticketChangedMessage(fact)),
  ]);
  for (const failpoint of ['after_commit', 'after_commit:2']) {
    const [, signal] = (await once(start(failpoint), 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
  }
  start('');
  await waitFor(
    async () => {
      expect(await counted()).toEqual({ tickets: lives.length, feedback: events.length });
      return true;
    },
    { timeoutMs: 120_000 },
  );
  expect(await cellsMissingFromRecount(db.database, ['Asia/Ho_Chi_Minh', 'UTC'])).toEqual([]);
}, 240_000);
