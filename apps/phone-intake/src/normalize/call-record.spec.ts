import { readCallRecord } from './call-record.js';
import { callTable, placesOf } from './call-table.js';
import { statedTime } from './stated-time.js';

const receivedAt = new Date('2026-11-22T03:00:00Z');
const table = callTable.parse({
  columns: {
    id: 'Mã',
    from: 'Số gọi',
    to: 'Số nhận',
    startedAt: 'Bắt đầu',
    duration: 'Thời lượng',
    outcome: 'Kết quả',
  },
  outcomes: { ANSWERED: 'answered', 'NO ANSWER': 'missed' },
});
const header = ['Mã', 'Số gọi', ' SỐ NHẬN ', 'Bắt đầu', 'Thời lượng', 'Kết quả'];
const { places } = placesOf(header, table);
const row = (overrides: Partial<Record<number, string>> = {}) =>
  Object.assign(['c-1', '0901234567', '02363888999', '20/11/2026 09:00:00', '65', 'ANSWERED'], overrides);
const read = (cells: readonly string[]) => readCallRecord(cells, places, table, receivedAt);

it.each([
  ['2026-11-20 09:00:00', '2026-11-20T02:00:00.000Z'],
  ['2026-11-20T09:00', '2026-11-20T02:00:00.000Z'],
  ['2026/11/20 09:00:00.123', '2026-11-20T02:00:00.000Z'],
  ['2026-11-20T09:00:00Z', '2026-11-20T09:00:00.000Z'],
  ['2026-11-20 09:00:00+0900', '2026-11-20T00:00:00.000Z'],
  ['20/11/2026 9:00', '2026-11-20T02:00:00.000Z'],
  ['03/04/2026 09:00:00', '2026-04-03T02:00:00.000Z'],
  ['20.11.2026 2:05:09 PM', '2026-11-20T07:05:09.000Z'],
  ['20-11-2026 12:00:00 SA', '2026-11-19T17:00:00.000Z'],
  ['1795316340', '2026-11-22T02:59:00.000Z'],
  ['1795316340000', '2026-11-22T02:59:00.000Z'],
  ['0001-01-01 00:00:00', undefined],
  ['1999-12-31 23:00:00Z', undefined],
  ['31/02/2026 09:00:00', undefined],
  ['20/11/2026 24:00:00', undefined],
  ['11/20/2026 09:00:00', undefined],
  ['0000-00-00 00:00:00', undefined],
  ['2026-11-20', undefined],
  ['hôm qua', undefined],
  ['', undefined],
  ['1'.repeat(100_000), undefined],
  [`2026-11-20 ${' '.repeat(100_000)}`, undefined],
])('%#: a time is read by its form and the zone of the table', (text, iso) => {
  const ms = statedTime(text, table);
  expect(ms === undefined ? undefined : new Date(ms).toISOString()).toBe(iso);
});

it('03/04 is a day of March where the configuration says that months come first', () => {
  const american = callTable.parse({ dateOrder: 'mdy', utcOffset: '-05:30' });
  expect(statedTime('03/04/2026 00:00:00', american)).toBe(Date.parse('2026-03-04T05:30:00Z'));
});

describe('a row of a table of calls', () => {
  it('is a call, its numbers freed from what keeps spreadsheets away', () => {
    expect(read(row({ 1: '="0901234567"', 2: "'+842363888999", 4: '0:01:05' }))).toEqual({
      callId: 'c-1',
      direction: 'inbound',
      from: '0901234567',
      to: '+842363888999',
      startedAt: '2026-11-20T02:00:00.000Z',
      durationSeconds: 65,
      outcome: 'answered',
      verified: false,
    });
  });

  it.each<[string, Partial<Record<number, string>>, object]>([
    ['NUL', { 1: '09\u0000' }, { code: 'nul_character' }],
    ['an endless id', { 0: 'x'.repeat(201) }, { code: 'call_id_too_long', field: 'id' }],
    ['no numbers', { 1: '', 2: ' ' }, { code: 'number_missing' }],
    ['a number that a spreadsheet has rounded', { 1: '8.49E+10' }, { code: 'number_damaged', field: 'from' }],
    ['an unknown outcome', { 5: 'EXPLODED' }, { code: 'outcome_unknown', field: 'outcome' }],
    ['an outcome named like a property', { 5: 'constructor' }, { code: 'outcome_unknown', field: 'outcome' }],
    ['a formula for an outcome', { 5: '=cmd()' }, { code: 'outcome_unknown', field: 'outcome' }],
    ['the year 0001', { 3: '0001-01-01 00:00:00' }, { code: 'time_invalid', field: 'startedAt' }],
    ['a time to come', { 3: '22/11/2026 10:00:01' }, { code: 'time_in_future', field: 'startedAt' }],
    ['a negative length', { 4: '-1' }, { code: 'duration_invalid', field: 'duration' }],
    ['a length of years', { 4: '999999' }, { code: 'duration_invalid', field: 'duration' }],
    ['a formula for a length', { 4: '=1+1' }, { code: 'duration_invalid', field: 'duration' }],
  ])('with %s is refused with a stable code', (_, wrong, problem) => {
    expect(read(row(wrong))).toEqual(problem);
  });
});

it.each([
  ['all that the configuration names', header, []],
  ['one less', header.slice(1), ['Mã']],
  ['nothing that is known', ['a', 'b'], ['Mã', 'Số gọi', 'Số nhận', 'Bắt đầu', 'Thời lượng', 'Kết quả']],
])('a first row with %s lacks %j', (_, names, missing) => {
  expect(placesOf(names, table).missing).toEqual(missing);
});

it('our own names do without what a call can do without', () => {
  const own = callTable.parse({});
  expect(placesOf(['from', 'to', 'startedAt', 'durationSeconds', 'OUTCOME'], own).missing).toEqual([]);
});
