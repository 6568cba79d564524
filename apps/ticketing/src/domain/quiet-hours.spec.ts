import { isQuiet, type QuietHours } from './quiet-hours.js';

const rules: QuietHours = { from: 21 * 60, to: 7 * 60, zone: 'Asia/Ho_Chi_Minh', holidays: new Set(['2027-02-06']) };
/** Vietnam is 7 hours ahead of UTC all the year. */
const local = (at: string) => new Date(`${at}+07:00`);

it.each([
  ['2026-11-23T20:59:59', false],
  ['2026-11-23T21:00:00', true],
  ['2026-11-23T23:59:59', true],
  ['2026-11-24T00:00:00', true],
  ['2026-11-24T06:59:59', true],
  ['2026-11-24T07:00:00', false],
  ['2027-02-05T12:00:00', false],
  ['2027-02-06T12:00:00', true],
])('at %s: quiet %s', (at, expected) => {
  expect(isQuiet(local(at), rules)).toBe(expected);
});

it.each([
  ['2026-11-23T11:59:00', false],
  ['2026-11-23T12:00:00', true],
  ['2026-11-23T13:00:00', false],
])('within one day at %s: quiet %s', (at, expected) => {
  expect(isQuiet(local(at), { ...rules, from: 12 * 60, to: 13 * 60 })).toBe(expected);
});

it('never where both times are the same', () => {
  expect(isQuiet(local('2026-11-23T12:00:00'), { ...rules, from: 0, to: 0 })).toBe(false);
});
