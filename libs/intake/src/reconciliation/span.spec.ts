import { nextSpans, postpone, type Task } from './span.js';

const now = Date.parse('2026-11-23T06:00:00Z');
const accounts = ['a', 'b'];
const ended = (run: string, time: string) => ({ run, countedUntil: new Date(`2026-11-23T${time}Z`) });

it('runs that were cut off together are one span, from before the first of them until now', () => {
  const [span, ...others] = nextSpans([], [ended('1', '05:10:00'), ended('2', '05:00:00')], { accounts, now });
  expect(others).toEqual([]);
  expect(span).toMatchObject({
    runs: ['1', '2'],
    from: new Date('2026-11-23T04:58:00Z'),
    to: new Date('2026-11-23T06:00:00Z'),
  });
  expect([...(span?.open ?? [])].map(({ account }) => account)).toEqual(accounts);
});

it('a run whose clock was ahead is looked for from before now', () => {
  expect(nextSpans([], [ended('1', '07:00:00')], { accounts, now })[0]?.from).toEqual(new Date('2026-11-23T05:58:00Z'));
});

it('keeps what has been done of a span, leaves what somebody else has settled, and begins what is new', () => {
  const first = nextSpans([], [ended('1', '05:00:00')], { accounts, now });
  const second = nextSpans(first, [ended('1', '05:00:00'), ended('2', '05:30:00')], { accounts, now });
  expect(second.map(({ runs }) => runs)).toEqual([['1'], ['2']]);
  expect(second[0]).toBe(first[0]);
  expect(nextSpans(second, [ended('2', '05:30:00')], { accounts, now })).toEqual([second[1]]);
  expect(nextSpans(second, [], { accounts, now })).toEqual([]);
});

it.each([
  ['at first', 0, undefined, 1_000],
  ['longer each time', 5, undefined, 32_000],
  ['ten minutes at most', 50, undefined, 600_000],
  ['as long as the provider says', 0, 90_000, 90_000],
  ['an hour at most', 0, 86_400_000, 3_600_000],
  ['never at once', 3, 0, 1_000],
])('asks again %s', (_, failures, waitMs, expected) => {
  const task: Task<string> = { account: 'a', failures, dueAt: 0 };
  postpone(task, now, waitMs);
  expect(task).toEqual({ account: 'a', failures: failures + 1, dueAt: now + expected });
});
