import { readInstant } from './instant.js';

it.each([
  ['2026-11-22', '2026-11-22T00:00:00.000Z'],
  ['2026-11-22T08:30:00Z', '2026-11-22T08:30:00.000Z'],
  ['2026-11-22T08:30:00.123456+07:00', '2026-11-22T01:30:00.123Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
])('reads %s', (text, expected) => {
  expect(readInstant(text)?.toISOString()).toBe(expected);
});

it.each([
  '0001-01-01',
  '9999-12-31',
  '1999-12-31T23:59:59Z',
  '2026-02-31',
  '2026-13-01',
  '2026-11-22T25:00:00Z',
  '2026-11-22T08:30:00',
  'now',
  '1; DROP TABLE tickets',
  '+020260-01-01T00:00:00Z',
  '',
])('refuses %j', (text) => {
  expect(readInstant(text)).toBeUndefined();
});
