import { z } from 'zod';
import { isKnownCharset } from '#charset';
import { callDirections, callOutcomes } from '#contracts';

const column = z.string().min(1).max(200);
const columns = z.strictObject({
  id: column.optional(),
  direction: column.optional(),
  from: column,
  to: column,
  startedAt: column,
  answeredAt: column.optional(),
  duration: column,
  outcome: column,
  agent: column.optional(),
  recording: column.optional(),
  note: column.optional(),
});
type Columns = z.output<typeof columns>;
export type CallField = keyof Columns;

const offset = /^([+-])(\d{2}):(\d{2})$/;

/** How an exchange writes its table of calls, as an account's option `table` says; without it, as `POST /api/v1/calls` names things. */
export const callTable = z.strictObject({
  columns: columns.optional(),
  delimiter: z.enum([',', ';', '\t', '|']).optional(),
  charset: z.string().refine(isKnownCharset).optional(),
  /** Of times that state no zone. */
  utcOffset: z
    .string()
    .regex(offset)
    .default('+07:00')
    .transform((text) => {
      const [, sign, hours, minutes] = offset.exec(text) ?? [];
      return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
    }),
  /** Of dates like 03/04/2026. */
  dateOrder: z.enum(['dmy', 'mdy']).default('dmy'),
  directions: z.record(z.string(), z.enum(callDirections)).default({ inbound: 'inbound', outbound: 'outbound' }),
  outcomes: z
    .record(z.string(), z.enum(callOutcomes))
    .default(() => Object.fromEntries(callOutcomes.map((outcome) => [outcome, outcome]))),
});
/** `utcOffset` in milliseconds. */
export type CallTable = z.output<typeof callTable>;

const ownNames: Columns = {
  id: 'callId',
  direction: 'direction',
  from: 'from',
  to: 'to',
  startedAt: 'startedAt',
  answeredAt: 'answeredAt',
  duration: 'durationSeconds',
  outcome: 'outcome',
  agent: 'agent',
  recording: 'recording',
  note: 'note',
};
const always: ReadonlySet<string> = new Set(['from', 'to', 'startedAt', 'duration', 'outcome']);

/** At which place of a row each field stands. */
export type Places = Readonly<Partial<Record<CallField, number>>>;

const bare = (name: string) => name.normalize('NFC').trim().toLowerCase();

/**
 * Finds the columns by the names in the first row. A column that the configuration names must be there (without its ids a table would
 * come in twice); of our own names only those without which there is no call.
 */
export function placesOf(
  header: readonly string[],
  table: CallTable,
): { readonly places: Places; readonly missing: readonly string[] } {
  const names = header.map(bare);
  const found = Object.entries<string | undefined>(table.columns ?? ownNames).map(([field, name = '']) => {
    const place = names.indexOf(bare(name));
    const isNeeded = always.has(field) || table.columns !== undefined;
    return { field, name, place, isMissing: place < 0 && isNeeded };
  });
  return {
    places: Object.fromEntries(found.filter(({ place }) => place >= 0).map(({ field, place }) => [field, place])),
    missing: found.filter(({ isMissing }) => isMissing).map(({ name }) => name),
  };
}
