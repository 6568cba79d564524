import fc from 'fast-check';
import { type ClockEntry, responsesOf } from './response-clock.js';
import { secondsBetween } from './ticket.js';
import { aTicket, opened } from './work-fixture.js';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 10, 7, minute));
const customer = (minute: number): ClockEntry => ({ messageId: `c${minute}`, side: 'customer', at: at(minute) });
const answer = (minute: number): ClockEntry => ({ messageId: `a${minute}`, side: 'answer', at: at(minute) });

it.each([
  ['nobody answered', [customer(0), customer(5)], []],
  ['the first answer ends the first wait', [customer(0), customer(5), answer(9)], [['first', 0, 9]]],
  ['a second answer to nothing counts nothing', [customer(0), answer(9), answer(10)], [['first', 0, 9]]],
  [
    'the first of several later messages starts the next wait',
    [customer(0), answer(9), customer(20), customer(25), answer(30)],
    [
      ['first', 0, 9],
      ['next', 20, 30],
    ],
  ],
  ['what we wrote first is no answer', [answer(0), customer(5), answer(9)], [['first', 5, 9]]],
  ['at the same instant the customer was first', [answer(5), customer(5)], [['first', 5, 5]]],
] as const)('%s', (_, entries, expected) => {
  const minutes = (time: Date) => time.getUTCMinutes();
  expect(responsesOf(entries).map(({ clock, since, answer: by }) => [clock, minutes(since), minutes(by.at)])).toEqual(
    expected,
  );
});

const entries = fc.array(
  fc.record({
    minute: fc.integer({ min: 0, max: 59 }),
    side: fc.constantFrom<ClockEntry['side']>('customer', 'answer'),
  }),
  { maxLength: 12 },
);
const named = (drawn: readonly { minute: number; side: ClockEntry['side'] }[]): ClockEntry[] =>
  drawn.map(({ minute, side }, index) => ({ messageId: `m${index}`, side, at: at(minute) }));

/** What the facts of a ticket amount to: responses less retractions. */
function standingAfter(arrivals: readonly (readonly ClockEntry[])[]) {
  const { work, change } = opened(aTicket({ answered: true }));
  for (const entry of arrivals.flat()) {
    work.addEntry(change.ticket.id, entry);
    work.settleClocks(change);
  }
  const standing = new Map<string, number>();
  for (const fact of change.facts) {
    if (fact.type === 'responded') standing.set(fact.id, fact.waitSeconds);
    if (fact.type === 'response_retracted') {
      expect(standing.get(fact.retracts)).toBe(fact.waitSeconds);
      standing.delete(fact.retracts);
    }
  }
  return [...standing.values()].sort((a, b) => a - b);
}

it('comes to the same responses in whatever order the messages arrive', () => {
  fc.assert(
    fc.property(
      entries.chain((drawn) => {
        const all = named(drawn);
        return fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }));
      }),
      ([all, arrivals]) => {
        const waits = responsesOf(all).map(({ since, answer: by }) => secondsBetween(since, by.at));
        expect(standingAfter([arrivals])).toEqual(waits.sort((a, b) => a - b));
      },
    ),
  );
});

it('has one first response at most, and no wait below zero', () => {
  fc.assert(
    fc.property(entries, (drawn) => {
      const responses = responsesOf(named(drawn));
      expect(responses.filter(({ clock }) => clock === 'first').length).toBe(responses.length > 0 ? 1 : 0);
      for (const { since, answer: by } of responses) expect(by.at.getTime()).toBeGreaterThanOrEqual(since.getTime());
    }),
  );
});

it('takes an answer back that is no longer out', () => {
  const { work, change } = opened(aTicket({ answered: true }));
  for (const entry of [customer(0), answer(9)]) work.addEntry(change.ticket.id, entry);
  work.settleClocks(change);
  work.removeEntry(change.ticket.id, 'a9');

  work.settleClocks(change);

  expect(change.facts.map(({ type }) => type)).toEqual(['responded', 'response_retracted']);
  expect(work.responded).toEqual([]);
});
