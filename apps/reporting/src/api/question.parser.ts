import { type FieldProblem, Problem } from '#http';
import { estimatedBuckets } from '../domain/buckets.js';
import { type Dimension, dimensions } from '../domain/dimensions.js';
import { type MetricName, metricNames } from '../domain/metric-catalogue.js';
import { type Granularity, granularities, type Question } from '../domain/question.js';
import { isTimeZone } from '../domain/time-zone.js';
import { type AskedTime, isAskedTime, resolveTime } from './asked-time.js';

/** A query string as Fastify parsed it: a name given twice holds a list. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

const defaultZone = 'Asia/Ho_Chi_Minh';
const mostValues = 50;
const mostBuckets = 20_000;
const earliest = Date.UTC(2000, 0, 1);
const latest = Date.UTC(2100, 0, 1);
// biome-ignore lint: control characters are meant
const plainValue = /^[^\u0000-\u001f\u007f]{0,320}$/;

/** Reads parameters one by one and collects what is wrong with them, so that the caller hears all of it at once. */
class Reader {
  readonly problems: FieldProblem[] = [];
  readonly #known = new Set<string>();

  constructor(private readonly query: Query) {}

  refuse(field: string, code: string, message: string): undefined {
    this.problems.push({ field, code, message });
    return undefined;
  }

  one(field: string): string | undefined {
    this.#known.add(field);
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
    this.#known.add(field);
    const given = [this.query[field] ?? []].flat().flatMap((value) => value.split(','));
    const values = [...new Set(given.map((value) => value.trim()).filter((value) => value !== ''))];
    const known = values.filter((value): value is Member => (members as readonly string[]).includes(value));
    if (known.length < values.length) this.refuse(field, code, `${field} can name ${members.join(', ')}`);
    return known;
  }

  filters(): Question['filters'] {
    const filters: Partial<Record<Dimension, string[]>> = {};
    for (const dimension of dimensions) {
      const field = `filter.${dimension}`;
      this.#known.add(field);
      const given = this.query[field];
      if (given === undefined) continue;
      const values = [given].flat().flatMap((value) => value.split(','));
      if (values.length > mostValues) this.refuse(field, 'too_many_values', `at most ${mostValues} values`);
      else if (!values.every((value) => plainValue.test(value)))
        this.refuse(field, 'invalid_value', 'values are at most 320 characters, without control characters');
      else filters[dimension] = values.map((value) => (value === 'none' ? '' : value));
    }
    return filters;
  }

  /** For a drill-down: behind one number, not several. */
  onlyOneMetric(): void {
    const given = [this.query.metrics ?? []].flat().flatMap((value) => value.split(','));
    if (new Set(given).size > 1) this.refuse('metrics', 'more_than_one_metric', 'a drill-down is of one metric');
  }

  refuseUnknown(): void {
    for (const field of Object.keys(this.query)) {
      if (!this.#known.has(field)) this.refuse(field.slice(0, 100), 'unknown_parameter', 'there is no such parameter');
    }
  }

  finish(): void {
    if (this.problems.length === 0) return;
    throw new Problem(400, 'validation_failed', 'Some parameters are missing or wrong', { errors: this.problems });
  }
}

export interface ParsedQuestion<Extra> {
  readonly question: Question;
  readonly extra: Extra;
}

/**
 * Reads a question from a query string.
 * @param readExtra reads the parameters that only this route has.
 * @throws Problem 400 `validation_failed` with a code per field, 422 `metric_unavailable`, 422 `too_wide`.
 */
export function parseQuestion<Extra>(query: Query, readExtra: (reader: Reader) => Extra): ParsedQuestion<Extra> {
  const reader = new Reader(query);
  const metrics = readMetrics(reader);
  const groupBy = reader.list<Dimension>('groupBy', dimensions, 'unknown_dimension');
  const granularity = reader.choice<Granularity>('granularity', granularities, 'day');
  const hours = reader.choice('hours', ['calendar', 'business'], 'calendar');
  const zone = readZone(reader);
  const range = readRange(reader, zone);
  const filters = reader.filters();
  const extra = readExtra(reader);
  reader.refuseUnknown();
  reader.finish();
  if (hours === 'business') {
    const detail = 'Business hours need calendars, which this installation does not have yet.';
    throw new Problem(422, 'metric_unavailable', 'This number is not available', { detail });
  }
  const question: Question = { metrics, groupBy, granularity, zone, filters, ...range };
  if (estimatedBuckets(question, granularity) > mostBuckets) {
    const detail = `At most ${mostBuckets} buckets: ask for a shorter time or a coarser granularity.`;
    throw new Problem(422, 'too_wide', 'The question is too wide to be answered', { detail });
  }
  return { question, extra };
}

function readMetrics(reader: Reader): MetricName[] {
  const before = reader.problems.length;
  const metrics = reader.list<MetricName>('metrics', metricNames, 'unknown_metric');
  if (metrics.length === 0 && reader.problems.length === before)
    reader.refuse('metrics', 'required', `name at least one of ${metricNames.join(', ')}`);
  return metrics;
}

function readZone(reader: Reader): string {
  const zone = reader.one('tz') ?? defaultZone;
  if (isTimeZone(zone)) return zone;
  reader.refuse('tz', 'unknown_time_zone', 'tz must be an IANA time zone, e.g. Asia/Ho_Chi_Minh');
  return defaultZone;
}

function readRange(reader: Reader, zone: string): { from: number; to: number } {
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

function inRange(reader: Reader, field: string, text: AskedTime, zone: string): number | undefined {
  const at = resolveTime(text, zone);
  if (at === undefined) return reader.refuse(field, 'invalid_time', `${field} does not exist in the calendar`);
  if (at >= earliest && at <= latest) return at;
  return reader.refuse(field, 'time_out_of_range', `${field} must lie between the years 2000 and 2100`);
}

export type { Reader };
