import fc from 'fast-check';
import type { TicketChanged } from '#contracts';
import { drop, type Outcome, ok } from '#kafka';
import { migrationDrift } from '#postgres';
import { aFeedback, type TestDatabase, testDatabase } from '#testing';
import { countingInto } from '../../../apps/reporting/src/consume/counting.js';
import { ticketLife } from '../../../apps/reporting/src/domain/ticket-lives.fixture.js';
import { entities } from '../../../apps/reporting/src/store/entities.js';
import { migrations } from '../../../apps/reporting/src/store/migrations/migrations.js';
import { Tables } from '../../../apps/reporting/src/store/tables.js';
import { cellsMissingFromRecount } from './recount.js';

const zones = ['Asia/Ho_Chi_Minh', 'America/Santiago', 'UTC'];
const { ticketFacts, receivedFeedback } = countingInto(new Tables(), zones);
let db: TestDatabase;

beforeAll(async () => {
  db = await testDatabase({ schema: 'reporting', migrations, entities });
});
afterAll(() => db.close());
beforeEach(async () => {
  const names = new Tables().names.join(', ');
  await db.database.execute({ name: '', text: `truncate ${names}` });
});

const count = (facts: readonly TicketChanged[]) => db.database.transaction((tx) => ticketFacts.apply(tx, facts));

async function rows(text: string): Promise<object[]> {
  return db.database.query({ name: '', text });
}

/** The facts of many tickets mixed, each ticket's in its order. */
function interleave(lives: readonly TicketChanged[][], order: readonly number[]): TicketChanged[] {
  const queues = lives.map((life) => [...life]);
  const mixed: TicketChanged[] = [];
  for (let turn = 0; queues.some((queue) => queue.length > 0); turn++) {
    const waiting = queues.filter((queue) => queue.length > 0);
    mixed.push(waiting[(order[turn % order.length] ?? 0) % waiting.length]!.shift()!);
  }
  return mixed;
}

function aLife(atLeast: number): TicketChanged[] {
  const lives = fc.sample(ticketLife, { numRuns: 200, seed: 7 });
  return lives.find((life) => life.length >= atLeast)!;
}

it('has migrations that fit the entities', async () => {
  expect(await migrationDrift(db.dataSource)).toEqual([]);
});

it('keeps every cell equal to a recount of the facts, however they are cut into batches', async () => {
  const lives = fc.array(ticketLife, { minLength: 20, maxLength: 40 });
  const runs = fc.record({
    lives,
    order: fc.array(fc.nat({ max: 39 }), { minLength: 50 }),
    size: fc.integer({ min: 1, max: 200 }),
  });
  for (const { lives, order, size } of fc.sample(runs, 4)) {
    const facts = interleave(lives, order);
    for (let start = 0; start < facts.length; start += size) {
      const outcomes = await count(facts.slice(start, start + size));
      expect(new Set(outcomes)).toEqual(new Set([ok]));
    }
    expect(await cellsMissingFromRecount(db.database, zones)).toEqual([]);
  }
});

it('counts a batch that comes again, whole or in part, only once', async () => {
  const life = aLife(6);
  await count(life.slice(0, 4));
  const before = await rows('select * from quarter_cell order by dimension_set, bucket, first, second');
  const outcomes = await count(life.slice(0, 4));
  expect(outcomes).toEqual(Array<Outcome>(4).fill(drop('stale_sequence')));
  expect(await rows('select * from quarter_cell order by dimension_set, bucket, first, second')).toEqual(before);
  expect(await count(life.slice(2, 6))).toEqual([drop('stale_sequence'), drop('stale_sequence'), ok, ok]);
  expect(await cellsMissingFromRecount(db.database, zones)).toEqual([]);
});

it('puts a fact behind a gap aside with all that follow it, and counts them once the missing one has come', async () => {
  const life = aLife(5).slice(0, 5);
  const gap = (expected: number, got: number) => ({
    kind: 'deadLetter',
    reason: 'gap',
    step: 'judge_sequence',
    detail: `expected ${expected}, got ${got}`,
  });
  expect(await count([life[0]!, life[2]!, life[3]!])).toEqual([ok, gap(2, 3), gap(2, 4)]);
  expect(await count([life[4]!])).toEqual([gap(2, 5)]);
  expect(await rows('select last_sequence from ticket_progress')).toEqual([{ last_sequence: 1 }]);
  expect(await count(life.slice(1))).toEqual([ok, ok, ok, ok]);
});

it('refuses a ticket whose first fact is missing', async () => {
  expect(await count([aLife(5)[1]!])).toMatchObject([{ kind: 'deadLetter', reason: 'gap' }]);
  expect(await rows('select count(*)::int as tickets from ticket_progress')).toEqual([{ tickets: 0 }]);
});

it('lets a fact of an unknown type advance the sequence and count nothing', async () => {
  const [first, second, third] = aLife(5);
  const unknown = { ...second!, type: 'teleported' } as unknown as TicketChanged;
  const next = { ...third!, type: 'note_added', noteId: first!.id } as TicketChanged;
  expect(await count([first!, unknown, next])).toEqual([ok, ok, ok]);
  expect(await rows('select last_sequence from ticket_progress')).toEqual([{ last_sequence: 3 }]);
  expect(await rows('select count(*)::int as facts from fact')).toEqual([{ facts: 1 }]);
});

it('gives two consumers of one partition the same batch at once, and counts it once', async () => {
  const lives = fc.sample(ticketLife, 20);
  const facts = lives.flat();
  const both = await Promise.all([count(facts), count(facts)]);
  const accepted = both.map((outcomes) => outcomes.filter(({ kind }) => kind === 'ok').length);
  expect(accepted.toSorted((a, b) => a - b)).toEqual([0, facts.length]);
  expect(await cellsMissingFromRecount(db.database, zones)).toEqual([]);
});

it('lets many writers meet on the same cells without deadlock or loss', async () => {
  const writers = Array.from({ length: 6 }, () => fc.sample(ticketLife, 30));
  await Promise.all(
    writers.map(async (lives) => {
      for (const life of lives) await count(life);
    }),
  );
  expect(await cellsMissingFromRecount(db.database, zones)).toEqual([]);
});

it('counts feedback once by its id, automatic mail apart, edits not at all', async () => {
  const at = '2026-11-22T17:05:00.000Z';
  const message = aFeedback({ occurredAt: at });
  const automatic = aFeedback({ occurredAt: at, signals: { autoReply: 'out_of_office', flags: [] } });
  const edit = aFeedback({ occurredAt: at, kind: 'edit' });
  const batch = [message, automatic, edit, message];
  const receive = () => db.database.transaction((tx) => receivedFeedback.apply(tx, batch));
  expect(await receive()).toEqual([ok, ok, drop('unknown_kind'), drop('duplicate')]);
  expect(await receive()).toEqual(Array<Outcome>(4).fill(drop('duplicate')));
  expect(await rows('select zone, bucket, feedback, automatic_feedback from day_cell order by zone')).toEqual([
    { zone: 'America/Santiago', bucket: new Date('2026-11-22T03:00:00Z'), feedback: 1, automatic_feedback: 1 },
    { zone: 'Asia/Ho_Chi_Minh', bucket: new Date('2026-11-22T17:00:00Z'), feedback: 1, automatic_feedback: 1 },
    { zone: 'UTC', bucket: new Date('2026-11-22T00:00:00Z'), feedback: 1, automatic_feedback: 1 },
  ]);
  expect(await cellsMissingFromRecount(db.database, zones)).toEqual([]);
});
