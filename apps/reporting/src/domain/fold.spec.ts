import fc from 'fast-check';
import type { FeedbackReceived, TicketChanged } from '#contracts';
import { dimensionSets } from './dimensions.js';
import type { FactRow } from './fact-row.js';
import { foldFact, foldFeedback } from './fold.js';
import { type CellIncrement, type Counts, Increments, noCounts } from './increments.js';
import { ReplyLedger } from './reply-ledger.js';
import { ticketLife } from './ticket-lives.fixture.js';

const base = {
  id: '00000000-0000-4000-8000-000000000001',
  ticketId: '00000000-0000-4000-8000-0000000000aa',
  number: 'PH-7',
  sequence: 3,
  at: '2026-03-02T08:07:00.000Z',
  actor: { kind: 'agent' as const },
  snapshot: { channel: 'email' as const, account: 'support', priority: 'normal' as const, status: 'open' as const },
};
const earlier = { retracts: base.id, retractedAt: '2026-03-01T01:00:00Z', retractedSnapshot: base.snapshot };
const replyId = '00000000-0000-4000-8000-0000000000bb';

/** A fact in short: what each row adds, and when. */
function summary(rows: readonly FactRow[]) {
  return rows.map((row) => ({
    measure: row.measure,
    weight: row.weight,
    backlog: row.backlogChange,
    ms: row.milliseconds,
    at: new Date(row.at).toISOString(),
  }));
}

const now = '2026-03-02T08:07:00.000Z';
const then = '2026-03-01T01:00:00.000Z';

it.each<[string, Partial<TicketChanged>, ReturnType<typeof summary>]>([
  ['opened', { type: 'opened', firstOf: 'new' }, [{ measure: 'opened', weight: 1, backlog: 1, ms: 0, at: now }]],
  [
    'resolved',
    { type: 'resolved', seconds: 1.5, touches: 1, transfers: 0 },
    [{ measure: 'resolved', weight: 1, backlog: -1, ms: 1500, at: now }],
  ],
  [
    'reopened takes the resolution out of its bucket and raises the backlog now',
    { type: 'reopened', ...earlier, seconds: 1.5, touches: 1, transfers: 0 },
    [
      { measure: 'resolved', weight: -1, backlog: 0, ms: 1500, at: then },
      { measure: 'reopened', weight: 1, backlog: 0, ms: 0, at: then },
      { measure: 'moved', weight: 0, backlog: 1, ms: 0, at: now },
    ],
  ],
  [
    'responded',
    { type: 'responded', clock: 'first', waitSeconds: 60, messageId: base.id },
    [{ measure: 'first_response', weight: 1, backlog: 0, ms: 60_000, at: now }],
  ],
  [
    'response_retracted',
    { type: 'response_retracted', clock: 'next', waitSeconds: 60, ...earlier },
    [{ measure: 'next_response', weight: -1, backlog: 0, ms: 60_000, at: then }],
  ],
  [
    'merged while open',
    { type: 'merged', into: base.id, wasOpen: true },
    [{ measure: 'moved', weight: 0, backlog: -1, ms: 0, at: now }],
  ],
  ['merged after it was resolved', { type: 'merged', into: base.id, wasOpen: false }, []],
  [
    'an assignment of an open ticket',
    { type: 'assigned', transfer: false, fromTeam: base.id },
    [
      { measure: 'moved', weight: 0, backlog: -1, ms: 0, at: now },
      { measure: 'moved', weight: 0, backlog: 1, ms: 0, at: now },
    ],
  ],
  ['an assignment to the same', { type: 'assigned', transfer: false }, []],
  [
    'an assignment of a resolved ticket',
    { type: 'assigned', transfer: false, fromTeam: base.id, snapshot: { ...base.snapshot, status: 'resolved' } },
    [],
  ],
  ['an automatic reply', { type: 'reply_state_changed', replyId, state: 'sent', automatic: true }, []],
  ['a reply on its way', { type: 'reply_state_changed', replyId, state: 'sending', automatic: false }, []],
  ['a note', { type: 'note_added', noteId: base.id }, []],
])('%s', (_name, carried, expected) => {
  expect(summary(foldFact({ ...base, ...carried } as TicketChanged, () => undefined))).toEqual(expected);
});

it('lets a bounce correct the bucket in which the reply was counted', () => {
  const replies = new ReplyLedger([]);
  const sent = { ...base, type: 'reply_state_changed' as const, replyId, state: 'sent' as const, automatic: false };
  const bounced = { ...sent, sequence: 4, at: '2026-03-09T00:00:00Z', from: 'sent' as const, state: 'failed' as const };
  const rows = [sent, bounced].map((fact) => replies.fold(fact));
  expect(rows.map(summary)).toEqual([
    [{ measure: 'reply_delivered', weight: 1, backlog: 0, ms: 0, at: now }],
    [
      { measure: 'reply_delivered', weight: -1, backlog: 0, ms: 0, at: now },
      { measure: 'reply_failed', weight: 1, backlog: 0, ms: 0, at: now },
    ],
  ]);
});

describe('feedback', () => {
  const event = {
    id: base.id,
    occurredAt: now,
    channel: 'email',
    account: 'support',
    kind: 'message',
    signals: { autoReply: 'none', flags: [] },
  } as unknown as FeedbackReceived;
  const row = { eventId: base.id, at: Date.parse(now), channel: 'email', account: 'support', automatic: false };
  it.each<[string, object, ReturnType<typeof foldFeedback>]>([
    ['a message', {}, row],
    [
      'an out-of-office answer, apart',
      { signals: { autoReply: 'out_of_office', flags: [] } },
      { ...row, automatic: true },
    ],
    ['an edit', { kind: 'edit' }, undefined],
    ['an echo of our own side', { kind: 'echo' }, undefined],
    ['a kind of a newer writer', { kind: 'telepathy' }, undefined],
  ])('%s', (_name, changed, expected) => {
    expect(foldFeedback({ ...event, ...changed })).toEqual(expected);
  });
});

function foldLives(lives: readonly TicketChanged[][]): FactRow[] {
  return lives.flatMap((life) => {
    const replies = new ReplyLedger([]);
    return life.flatMap((fact) => replies.fold(fact));
  });
}

function roll(rows: readonly FactRow[]): CellIncrement[] {
  const increments = new Increments();
  for (const row of rows) increments.addFact(row);
  return increments.quarterCells();
}

/** The plain recount: filter the rows of a cell, add them up. */
function recount(rows: readonly FactRow[], cell: CellIncrement): Counts {
  const set = dimensionSets.find(({ code }) => code === cell.set)!;
  const [first, second] = set.of as readonly [keyof FactRow['dimensions'], (keyof FactRow['dimensions'])?];
  const mine = rows.filter(
    (row) =>
      Math.floor(row.at / 900_000) === cell.bucket / 900_000 &&
      row.dimensions[first] === cell.first &&
      (second === undefined || row.dimensions[second] === cell.second),
  );
  const sum = (measure: string, value: (row: FactRow) => number) =>
    mine.filter((row) => row.measure === measure).reduce((total, row) => total + row.weight * value(row), 0);
  return {
    ...noCounts(),
    opened: sum('opened', () => 1),
    resolved: sum('resolved', () => 1),
    resolved_ms: sum('resolved', (row) => row.milliseconds),
    one_touch: sum('resolved', (row) => Number(row.oneTouch)),
    transferred: sum('resolved', (row) => Number(row.transferred)),
    reopened: sum('reopened', () => 1),
    first_responses: sum('first_response', () => 1),
    first_response_ms: sum('first_response', (row) => row.milliseconds),
    next_responses: sum('next_response', () => 1),
    next_response_ms: sum('next_response', (row) => row.milliseconds),
    replies_delivered: sum('reply_delivered', () => 1),
    replies_failed: sum('reply_failed', () => 1),
    backlog_change: mine.reduce((total, row) => total + row.backlogChange, 0),
  };
}

describe('properties', () => {
  it('each cell equals a recount of the rows in it', () => {
    fc.assert(
      fc.property(fc.array(ticketLife, { maxLength: 8 }), (lives) => {
        const rows = foldLives(lives);
        for (const cell of roll(rows)) {
          const counted = Object.fromEntries(Object.entries(recount(rows, cell)).map(([name, n]) => [name, n + 0]));
          expect(cell.counts).toEqual(counted);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('the order in which tickets arrive does not matter', () => {
    fc.assert(
      fc.property(fc.array(ticketLife, { maxLength: 8 }), (lives) => {
        const forward = roll(foldLives(lives));
        expect(roll(foldLives(lives.toReversed()))).toEqual(forward);
        expect(roll(foldLives(lives).toReversed())).toEqual(forward);
      }),
      { numRuns: 60 },
    );
  });

  it('a ticket leaves every backlog that it joined, and lies in exactly one of each set while open', () => {
    fc.assert(
      fc.property(ticketLife, (life) => {
        const last = life.at(-1)!;
        const open = last.snapshot.status !== 'resolved' && last.type !== 'merged';
        const increments = new Increments();
        for (const row of foldLives([life])) increments.addFact(row);
        const stocks = increments.backlog().map(({ set, change }) => [set, change]);
        expect(stocks).toEqual(open ? dimensionSets.map(({ code }) => [code, 1]) : []);
      }),
    );
  });

  it('a retraction leaves nothing of what it takes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.constantFrom('first' as const, 'next' as const), (ms, clock) => {
        const responded = { ...base, type: 'responded' as const, clock, waitSeconds: ms / 1000, messageId: base.id };
        const taken = { retracts: base.id, retractedAt: base.at, retractedSnapshot: base.snapshot };
        const retraction = { ...base, at: then, type: 'response_retracted' as const, clock, waitSeconds: ms / 1000 };
        const rows = [responded, { ...retraction, ...taken }].flatMap((fact) => foldFact(fact, () => undefined));
        expect(roll(rows)).toEqual([]);
      }),
    );
  });
});
