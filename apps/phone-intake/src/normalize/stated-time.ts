import type { CallTable } from './call-table.js';

const epoch = /^(\d{10})(?:\.\d{1,6})?$|^(\d{13})$/;
const clock = String.raw`[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*(AM|PM|SA|CH)?\s*(Z|[+-]\d{2}:?\d{2})?$`;
const yearFirst = new RegExp(String.raw`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})${clock}`, 'i');
const yearLast = new RegExp(String.raw`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})${clock}`, 'i');
const earliest = Date.parse('2000-01-01T00:00:00Z');

/** A time as exchanges write it, in milliseconds since 1970; undefined for what is none, or lies before 2000. */
export function statedTime(text: string, { utcOffset, dateOrder }: CallTable): number | undefined {
  const seconds = epoch.exec(text);
  const ms =
    seconds === null
      ? calendarTime(text, utcOffset, dateOrder)
      : Number(seconds[1] ?? 0) * 1000 + Number(seconds[2] ?? 0);
  return ms !== undefined && ms >= earliest ? ms : undefined;
}

function calendarTime(text: string, utcOffset: number, dateOrder: 'dmy' | 'mdy'): number | undefined {
  const iso = yearFirst.exec(text);
  const parts = iso ?? yearLast.exec(text);
  if (parts === null) return undefined;
  const [, first = '', second = '', third = '', hours, minutes, seconds = '0', half, zone] = parts;
  const [day, month, year] =
    iso !== null ? [third, second, first] : dateOrder === 'dmy' ? [first, second, third] : [second, first, third];
  const hour = hourOf(Number(hours), half?.toUpperCase());
  const date = [Number(year), Number(month), Number(day), hour, Number(minutes), Number(seconds)] as const;
  const [y, m, d, h, min, s] = date;
  const local = new Date(Date.UTC(y, m - 1, d, h, min, s));
  const read = [
    ...[local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate()],
    ...[local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()],
  ];
  // 31 February and 25 o'clock would move on to another day; a year below 100 to another century.
  if (date.some((part, index) => part !== read[index])) return undefined;
  return local.getTime() - (zone === undefined ? utcOffset : offsetOf(zone));
}

/** Vietnamese spreadsheets write SA and CH for AM and PM. */
function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined || hour > 12) return hour;
  return (hour % 12) + (half === 'PM' || half === 'CH' ? 12 : 0);
}

function offsetOf(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}
