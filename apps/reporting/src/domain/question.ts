import { DayStarts, quarterMs, quarterOf } from './day-starts.js';
import { type Dimension, type DimensionSet, feedbackSet, findDimensionSet } from './dimensions.js';
import { isAboutFeedback, type MetricName } from './metric-catalogue.js';

export const granularities = ['hour', 'day', 'week', 'month', 'weekday_hour'] as const;
export type Granularity = (typeof granularities)[number];

/** What an analyst asks: `from` inclusive, `to` exclusive, in milliseconds since 1970. */
export interface Question {
  readonly metrics: readonly MetricName[];
  readonly groupBy: readonly Dimension[];
  readonly granularity: Granularity;
  readonly from: number;
  readonly to: number;
  readonly zone: string;
  /** Any of the given values; the empty string stands for none. */
  readonly filters: Partial<Record<Dimension, readonly string[]>>;
}

/** Where the answer comes from: cells of a local day, cells of 15 minutes, or the facts themselves. */
export type Plan =
  | { readonly from: 'days' | 'quarters'; readonly set: DimensionSet }
  | { readonly from: 'facts' }
  | {
      readonly from: 'nowhere';
      readonly code: 'metric_unavailable' | 'dimension_unavailable';
      readonly detail: string;
    };

export function neededDimensions(question: Question): Dimension[] {
  return [...new Set([...question.groupBy, ...(Object.keys(question.filters) as Dimension[])])];
}

/** Decides how a question is answered. `zones` are those with day cells. */
export function planAnswer(question: Question, zones: readonly string[]): Plan {
  const refusal = refuse(question);
  if (refusal !== undefined) return refusal;
  const set = question.metrics.some(isAboutFeedback) ? feedbackSet : findDimensionSet(neededDimensions(question));
  if (set === undefined || !liesOnQuarters(question)) return { from: 'facts' };
  return { from: coversWholeDays(question, zones) ? 'days' : 'quarters', set };
}

function refuse(question: Question): Plan | undefined {
  if (question.granularity === 'weekday_hour' && question.metrics.includes('backlog')) {
    const detail = 'backlog is a stock at an instant: it has no value for an hour of the week';
    return { from: 'nowhere', code: 'metric_unavailable', detail };
  }
  const known: readonly Dimension[] = feedbackSet.of;
  const beyond = neededDimensions(question).filter((dimension) => !known.includes(dimension));
  const feedback = question.metrics.filter(isAboutFeedback);
  if (feedback.length > 0 && beyond.length > 0) {
    const detail = `${feedback.join(', ')}: known by ${known.join(' and ')} only, not by ${beyond.join(', ')}`;
    return { from: 'nowhere', code: 'dimension_unavailable', detail };
  }
  return undefined;
}

/** Whether it begins and ends with a quarter of an hour. */
export function liesOnQuarters({ from, to }: Question): boolean {
  return from % quarterMs === 0 && to % quarterMs === 0;
}

function coversWholeDays({ granularity, from, to, zone }: Question, zones: readonly string[]): boolean {
  if (granularity === 'hour' || granularity === 'weekday_hour' || !zones.includes(zone)) return false;
  const days = new DayStarts(zone);
  return [from, to].every((at) => days.of(quarterOf(at)) === at);
}

/** The places (first, second) that the dimensions of a set take in its cells. */
export function placeOf(set: DimensionSet, dimension: Dimension): 'first' | 'second' {
  return (set.of as readonly Dimension[]).indexOf(dimension) === 0 ? 'first' : 'second';
}
