import { isTimeZone } from '../domain/time-zone.js';
import { isAskedTime, resolveTime } from './asked-time.js';

it.each([
  ['2026-11-22', 'Asia/Ho_Chi_Minh', '2026-11-21T17:00:00.000Z'],
  ['2026-11-22', 'UTC', '2026-11-22T00:00:00.000Z'],
  ['2024-09-08', 'America/Santiago', '2024-09-08T04:00:00.000Z'],
  ['2026-11-22T10:07:33.5+07:00', 'UTC', '2026-11-22T03:07:33.500Z'],
  ['2026-11-22t10:07z', 'UTC', '2026-11-22T10:07:00.000Z'],
  ['2026-13-01', 'UTC', undefined],
  ['2026-02-30T00:00:00Z', 'UTC', undefined],
  ['0001-01-01', 'UTC', '0001-01-01T00:00:00.000Z'],
])('%s in %s is %s', (text, zone, expected) => {
  const at = isAskedTime(text) ? resolveTime(text, zone) : 'not asked for';
  expect(typeof at === 'number' ? new Date(at).toISOString() : at).toBe(expected);
});

it.each(['', 'now', '2026-11-22T10:07:33', '22.11.2026', '2026-11-22 10:00:00Z', '+002026-11-22', '1795305600'])(
  'does not take %j for a time',
  (text) => {
    expect(isAskedTime(text)).toBe(false);
  },
);

it.each([
  ['Asia/Ho_Chi_Minh', true],
  ['America/Argentina/Ushuaia', true],
  ['Etc/GMT+7', true],
  ['UTC', true],
  ['Mars/Olympus', false],
  ['+07:00', false],
  ['UTC+7', false],
  ['EST5EDT', false],
  ["UTC'; drop table fact", false],
  ['', false],
])('%j as a time zone: %s', (zone, known) => {
  expect(isTimeZone(zone)).toBe(known);
});
