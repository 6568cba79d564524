import { bucketLabel, bucketStart, bucketStarts, estimatedBuckets, LocalTimes, weekdayHourLabel } from './buckets.js';
import { DayStarts, quarterOf } from './day-starts.js';

const at = (text: string) => Date.parse(text);
const hcm = 'Asia/Ho_Chi_Minh';

it.each([
  ['2026-11-22T20:59:00Z', 'hour', hcm, '2026-11-22T20:00:00Z', '2026-11-23T03:00:00+07:00'],
  ['2026-11-22T20:59:00Z', 'hour', 'Asia/Kathmandu', '2026-11-22T20:15:00Z', '2026-11-23T02:00:00+05:45'],
  ['2026-11-22T17:00:00Z', 'day', hcm, '2026-11-22T17:00:00Z', '2026-11-23'],
  ['2026-11-22T16:59:59Z', 'day', hcm, '2026-11-21T17:00:00Z', '2026-11-22'],
  ['2026-11-22T16:59:59Z', 'week', hcm, '2026-11-15T17:00:00Z', '2026-11-16'],
  ['2026-11-22T17:00:00Z', 'week', hcm, '2026-11-22T17:00:00Z', '2026-11-23'],
  ['2027-01-01T12:00:00Z', 'week', 'UTC', '2026-12-28T00:00:00Z', '2026-12-28'],
  ['2026-11-30T20:00:00Z', 'month', hcm, '2026-11-30T17:00:00Z', '2026-12'],
  ['2026-10-25T01:30:00Z', 'hour', 'Europe/Berlin', '2026-10-25T01:00:00Z', '2026-10-25T02:00:00+01:00'],
] as const)(
  '%s lies in the %s in %s that begins at %s and is called %s',
  (instant, granularity, zone, start, label) => {
    const found = bucketStart(at(instant), granularity, zone);
    expect([new Date(found).toISOString(), bucketLabel(found, granularity, zone)]).toEqual([
      new Date(at(start)).toISOString(),
      label,
    ]);
  },
);

it('steps over a change of the clock: 23 and 25 hours are one day each', () => {
  const range = { from: at('2026-03-28T23:00:00Z'), to: at('2026-03-30T22:00:00Z') };
  expect(bucketStarts(range, 'day', 'Europe/Berlin').map((start) => new Date(start).toISOString())).toEqual([
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T22:00:00.000Z',
  ]);
  expect(
    bucketStarts({ from: at('2026-10-25T00:00:00Z'), to: at('2026-10-25T03:00:00Z') }, 'hour', 'Europe/Berlin'),
  ).toHaveLength(3);
});

it('gives a day that has no midnight its first instant', () => {
  const range = { from: at('2024-09-07T04:00:00Z'), to: at('2024-09-10T03:00:00Z') };
  expect(bucketStarts(range, 'day', 'America/Santiago').map((start) => new Date(start).toISOString())).toEqual([
    '2024-09-07T04:00:00.000Z',
    '2024-09-08T04:00:00.000Z',
    '2024-09-09T03:00:00.000Z',
  ]);
});

it('begins with the bucket in which the range begins', () => {
  const range = { from: at('2026-11-18T00:00:00Z'), to: at('2026-11-24T00:00:00Z') };
  expect(bucketStarts(range, 'week', 'UTC').map((start) => bucketLabel(start, 'week', 'UTC'))).toEqual([
    '2026-11-16',
    '2026-11-23',
  ]);
});

it('remembers where days begin', () => {
  const days = new DayStarts(hcm);
  const quarter = quarterOf(at('2026-11-22T17:14:59.999Z'));
  expect([quarter, days.of(quarter), days.of(quarter)]).toEqual(Array(3).fill(at('2026-11-22T17:00:00Z')));
});

it('names an hour of the week', () => {
  expect(weekdayHourLabel(1, 9)).toBe('1T09');
});

it('writes instants in local time, on both sides of a change of the clock', () => {
  const [here, there] = [new LocalTimes(hcm), new LocalTimes('Europe/Berlin')];
  expect([
    here.write(at('2026-11-22T17:00:00.5Z')),
    here.write(at('2026-11-22T17:00:01Z')),
    there.write(at('2026-10-25T00:59:59.999Z')),
    there.write(at('2026-10-25T01:00:00Z')),
  ]).toEqual([
    '2026-11-23T00:00:00.500+07:00',
    '2026-11-23T00:00:01.000+07:00',
    '2026-10-25T02:59:59.999+02:00',
    '2026-10-25T02:00:00.000+01:00',
  ]);
});

it.each([
  ['hour', 48],
  ['day', 2],
  ['weekday_hour', 0],
] as const)('estimates %s buckets', (granularity, expected) => {
  expect(estimatedBuckets({ from: 0, to: 2 * 86_400_000 }, granularity)).toBe(expected);
});
