import type { EndedCall } from './call.js';
import type { CallField, CallTable, Places } from './call-table.js';
import { statedTime } from './stated-time.js';

/** Why a row of a table is no call. Stable: callers branch on them. */
type RowProblemCode =
  | 'line_too_long'
  | 'quotes_wrong'
  | 'columns_wrong'
  | 'nul_character'
  | 'call_id_too_long'
  | 'number_missing'
  | 'number_damaged'
  | 'direction_unknown'
  | 'outcome_unknown'
  | 'time_invalid'
  | 'time_in_future'
  | 'duration_invalid';

export interface RowProblem {
  readonly code: RowProblemCode;
  readonly field?: CallField;
}

const longestSeconds = 7 * 86_400;
/** What a spreadsheet makes of a telephone number: its last digits are gone. */
const damaged = /^\d(?:[.,]\d+)?E\+\d+$/i;
/** How exports keep a spreadsheet from doing so. */
const guarded = /^="(.*)"$/;

/** What one row says, or why it is no call. Times that no clock can vouch for are refused: an id made of them would change with each import. */
export function readCallRecord(
  cells: readonly string[],
  places: Places,
  table: CallTable,
  receivedAt: Date,
): EndedCall | RowProblem {
  if (cells.some((cell) => cell.includes('\u0000'))) return { code: 'nul_character' };
  const cell = (field: CallField) => cellOf(cells, places[field]);
  const callId = cell('id');
  if (callId.length > 200) return { code: 'call_id_too_long', field: 'id' };
  const [from, to] = [cell('from'), cell('to')];
  if (from === '' && to === '') return { code: 'number_missing' };
  if (damaged.test(from)) return { code: 'number_damaged', field: 'from' };
  if (damaged.test(to)) return { code: 'number_damaged', field: 'to' };
  const direction = places.direction === undefined ? 'inbound' : inMap(table.directions, cell('direction'));
  if (direction === undefined) return { code: 'direction_unknown', field: 'direction' };
  const outcome = inMap(table.outcomes, cell('outcome'));
  if (outcome === undefined) return { code: 'outcome_unknown', field: 'outcome' };
  const startedAt = statedTime(cell('startedAt'), table);
  if (startedAt === undefined) return { code: 'time_invalid', field: 'startedAt' };
  if (startedAt > receivedAt.getTime()) return { code: 'time_in_future', field: 'startedAt' };
  const durationSeconds = secondsOf(cell('duration'));
  if (durationSeconds === undefined) return { code: 'duration_invalid', field: 'duration' };
  // Exchanges write zeros for a call that was never answered.
  const answeredAt = statedTime(cell('answeredAt'), table);
  const stated = { callId, agent: cell('agent'), recordingRef: cell('recording'), note: cell('note') };
  return {
    ...{ direction, from, to, outcome, durationSeconds, verified: false },
    startedAt: new Date(startedAt).toISOString(),
    ...(answeredAt === undefined ? {} : { answeredAt: new Date(answeredAt).toISOString() }),
    ...Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== '')),
  };
}

function cellOf(cells: readonly string[], place: number | undefined): string {
  const text = (place === undefined ? undefined : cells[place])?.trim() ?? '';
  return guarded.exec(text)?.[1] ?? text.replace(/^'(?=[+\d])/, '');
}

function inMap<Value>(map: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** `65`, `1:05` or `0:01:05`. */
function secondsOf(text: string): number | undefined {
  const parts = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})$/.exec(text);
  if (parts === null) return undefined;
  const [, hours = 0, minutes = 0, seconds] = parts;
  const sum = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sum <= longestSeconds ? sum : undefined;
}
