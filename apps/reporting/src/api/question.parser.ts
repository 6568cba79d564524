import { Problem } from '#http';
import { estimatedBuckets } from '../domain/buckets.js';
import { type Dimension, dimensions } from '../domain/dimensions.js';
import { type MetricName, metricNames } from '../domain/metric-catalogue.js';
import { type Granularity, granularities, type Question } from '../domain/question.js';
import { isTimeZone } from '../domain/time-zone.js';
import { type Query, QueryReader, readRange } from './query-reader.js';

const defaultZone = 'Asia/Ho_Chi_Minh';
const mostValues = 50;
const mostBuckets = 20_000;
// biome-ignore lint: control characters are meant
const plainValue = /^[^\u0000-\u001f\u007f]{0,320}$/;

/** Adds what only questions about numbers have. */
class Reader extends QueryReader {
  filters(): Question['filters'] {
    const filters: Partial<Record<Dimension, string[]>> = {};
    for (const dimension of dimensions) {
      const field = `filter.${dimension}`;
      this.known.add(field);
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

export type { Reader };
