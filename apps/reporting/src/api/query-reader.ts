import { type FieldProblem, Problem } from '#http';
import { type AskedTime, isAskedTime, resolveTime } from './asked-time.js';

/** A query string as Fastify parsed it: a name given twice holds a list. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

const earliest = Date.UTC(2000, 0, 1);
const latest = Date.UTC(2100, 0, 1);

/** Reads parameters one by one and collects what is wrong with them, so that the caller hears all of it at once. */
export class QueryReader {
  readonly problems: FieldProblem[] = [];
  protected readonly known = new Set<string>();

  constructor(protected readonly query: Query) {}

  refuse(field: string, code: string, message: string): undefined {
    this.problems.push({ field, code, message });
    return undefined;
  }

  one(field: string): string | undefined {
    this.known.add(field);
    const value = this.query[field];
    if (value === undefined || typeof value === 'string') return value === '' ? undefined : value;
    return this.refuse(field, 'given_twice', `${field} can be given once`);
  }

  required(field: string): string | undefined {
    const value = this.one(field);
    if (value === undefined && !this.problems.some((problem) => problem.field === field))
      return this.refuse(field, 'required', `${field} is required`);
    return value;
  }

  choice<Choice extends string>(field: string, choices: readonly Choice[], otherwise: Choice): Choice {
    const value = this.one(field);
    if (value === undefined) return otherwise;
    if ((choices as readonly string[]).includes(value)) return value as Choice;
    this.refuse(field, `unknown_${field}`, `${field} must be one of ${choices.join(', ')}`);
    return otherwise;
  }

  /** Comma-separated, or the name repeated. */
  list<Member extends string>(field: string, members: readonly Member[], code: string): Member[] {
    this.known.add(field);
    const given = [this.query[field] ?? []].flat().flatMap((value) => value.split(','));
    const values = [...new Set(given.map((value) => value.trim()).filter((value) => value !== ''))];
    const known = values.filter((value): value is Member => (members as readonly string[]).includes(value));
    if (known.length < values.length) this.refuse(field, code, `${field} can name ${members.join(', ')}`);
    return known;
  }

  refuseUnknown(): void {
    for (const field of Object.keys(this.query)) {
      if (!this.known.has(field)) this.refuse(field.slice(0, 100), 'unknown_parameter', 'there is no such parameter');
    }
  }

  finish(): void {
    if (this.problems.length === 0) return;
    throw new Problem(400, 'validation_failed', 'Some parameters are missing or wrong', { errors: this.problems });
  }
}

/** `from` inclusive, `to` exclusive, both required. Milliseconds since 1970; 0 where the reader has a problem noted. */
export function readRange(reader: QueryReader, zone: string): { from: number; to: number } {
  const [from, to] = ['from', 'to'].map((field) => {
    const text = reader.required(field);
    if (text === undefined) return undefined;
    if (!isAskedTime(text))
      return reader.refuse(field, 'invalid_time', `${field} must be a date (2026-11-22) or an RFC 3339 instant`);
    return inRange(reader, field, text, zone);
  });
  if (from === undefined || to === undefined) return { from: 0, to: 0 };
  if (from >= to) reader.refuse('to', 'not_after_from', 'to is exclusive and must lie after from');
  return { from, to };
}

function inRange(reader: QueryReader, field: string, text: AskedTime, zone: string): number | undefined {
  const at = resolveTime(text, zone);
  if (at === undefined) return reader.refuse(field, 'invalid_time', `${field} does not exist in the calendar`);
  if (at >= earliest && at <= latest) return at;
  return reader.refuse(field, 'time_out_of_range', `${field} must lie between the years 2000 and 2100`);
}
