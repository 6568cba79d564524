import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { feedbackReceivedMessage, type TicketChanged, ticketChangedMessage, topicDefinitions } from '#contracts';
import { ensureTopics, Publisher } from '#kafka';
import { migrationDrift } from '#postgres';
import { aFeedback, type TestDatabase, testDatabase } from '#testing';
import { countingInto } from '../../../apps/reporting/src/consume/counting.js';
import { ticketLife } from '../../../apps/reporting/src/domain/ticket-lives.fixture.js';
import { entities } from '../../../apps/reporting/src/store/entities.js';
import { migrations } from '../../../apps/reporting/src/store/migrations/migrations.js';
import { Tables } from '../../../apps/reporting/src/store/tables.js';
import { rebuildReports } from '../../../tools/reports-rebuild/rebuild.js';
import { cellsMissingFromRecount } from './recount.js';
import { address } from './service-under-test.js';

const zones = ['Asia/Ho_Chi_Minh', 'UTC'];
const { ticketFacts, receivedFeedback } = countingInto(new Tables(), zones);
const lives = fc.sample(ticketLife, { numRuns: 40, seed: 5 });
const events = Array.from({ length: 20 }, () => aFeedback({ account: 'rebuild' }));
let db: TestDatabase;
let publisher: Publisher;

beforeAll(async () => {
  await ensureTopics(address(), topicDefinitions(['reporting']), { replication: 1 });
  db = await testDatabase({ schema: 'reporting', migrations, entities });
  publisher = new Publisher(address());
  await publisher.start();
  await publisher.publish([
    ...events.map((event) => feedbackReceivedMessage(event)),
    ...lives.flat().map((fact) => ticketChangedMessage(fact)),
  ]);
}, 60_000);
afterAll(async () => {
  await publisher.close();
  await db.close();
});

const rebuild = (compareOnly = false) => rebuildReports({ log: address(), database: db.database, zones, compareOnly });
const count = (facts: readonly TicketChanged[]) => db.database.transaction((tx) => ticketFacts.apply(tx, facts));
const mine = new Set(lives.map((life) => life[0]!.ticketId));

async function rowsOfMine(): Promise<number> {
  const [row] = await db.database.query<{ rows: number }>({
    name: '',
    text: 'select count(*)::int as rows from fact where ticket_id = any($1::uuid[])',
    values: [[...mine]],
  });
  return row!.rows;
}

it('builds the same tables out of the log, and puts them in place of the live ones', async () => {
  // The log is shared with other tests: what the live tables have not read is no difference.
  await count(lives.flat());
  await db.database.transaction((tx) => receivedFeedback.apply(tx, events));
  const before = await rowsOfMine();
  const result = await rebuild();
  expect(result.differences).toEqual([]);
  expect(result.read).toBeGreaterThanOrEqual(events.length + lives.flat().length);
  expect(await rowsOfMine()).toBe(before);
  expect(await cellsMissingFromRecount(db.database, zones)).toEqual([]);
  expect(await migrationDrift(db.dataSource)).toEqual([]);
}, 120_000);

it('goes on counting after the swap, where the rebuilt tables stopped', async () => {
  const [life] = lives;
  expect(new Set((await count(life!)).map(({ kind }) => kind))).toEqual(new Set(['drop']));
  const last = life!.at(-1)!;
  const next = { ...last, id: randomUUID(), sequence: last.sequence + 1, type: 'note_added', noteId: randomUUID() };
  expect(await count([next as TicketChanged])).toEqual([{ kind: 'ok' }]);
  await publisher.publish([ticketChangedMessage(next as TicketChanged)]);
  expect((await rebuild(true)).differences).toEqual([]);
}, 120_000);

it('mends what somebody changed by hand, and says where it was', async () => {
  const ticket = lives[0]![0]!.ticketId;
  await db.database.execute({ name: '', text: 'delete from fact where ticket_id = $1', values: [ticket] });
  await db.database.execute({ name: '', text: 'update quarter_cell set opened = opened + 1 where dimension_set = 5' });
  const compared = await rebuild(true);
  expect(compared.differences.map(({ where }) => where.split(' ')[0])).toEqual(
    expect.arrayContaining(['facts', 'cell']),
  );
  await rebuild();
  expect((await rebuild(true)).differences).toEqual([]);
  expect(await cellsMissingFromRecount(db.database, zones)).toEqual([]);
}, 180_000);

it('loses and doubles nothing that is counted while it runs', async () => {
  const later = fc.sample(ticketLife, { numRuns: 40, seed: 6 });
  const live = (async () => {
    for (const life of later) {
      await publisher.publish(life.map((fact) => ticketChangedMessage(fact)));
      for (let counted = false; !counted; ) {
        const outcomes = await count(life).catch((error: unknown) => {
          if ((error as { code?: string }).code !== '55P03') throw error;
        });
        counted = outcomes !== undefined;
      }
    }
  })();
  const [result] = await Promise.all([rebuild(), live]);
  expect(result.differences).toEqual([]);
  expect((await rebuild(true)).differences).toEqual([]);
  expect(await cellsMissingFromRecount(db.database, zones)).toEqual([]);
}, 180_000);
