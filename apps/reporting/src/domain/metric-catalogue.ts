import type { Histogram } from './histogram.js';
import type { Measure, TimedMeasure } from './fact-row.js';
import { type CellCounter, type Counter, type Counts, type LedgerCounter, ledgerCounters } from './increments.js';

/** How often a share was met, out of how many. Each side is a sum of counters. */
interface Share {
  readonly hits: readonly Counter[];
  readonly of: readonly Counter[];
}

type Formula =
  | { readonly kind: 'count'; readonly counter: Counter }
  | { readonly kind: 'stock' }
  | { readonly kind: 'time'; readonly measure: TimedMeasure; readonly times: Counter; readonly time: Counter }
  | ({ readonly kind: 'share' } & Share)
  | { readonly kind: 'shares'; readonly parts: Readonly<Record<string, Share>> };

interface Metric {
  readonly definition: string;
  readonly unit: 'count' | 'seconds' | 'share';
  /** Rises when the definition changes, so that two numbers under one name can be told apart. */
  readonly version: number;
  readonly formula: Formula;
  /** The measures whose rows lie behind the number; none for feedback, which is no fact of a ticket. */
  readonly measures: readonly Measure[];
}

const repliesDelivered: Share = { hits: ['replies_delivered'], of: ['replies_delivered', 'replies_failed'] };
const notReopened: Share = { hits: ['resolved'], of: ['resolved', 'reopened'] };
const ledgerBalanced: Share = { hits: ['ledger_accounted'], of: ['ledger_counted'] };
const percentiles = 'mean exact; p50, p90, p95 within 1 %';

/** Every number of the product: one definition, one name. README.md explains how to add one. */
export const metrics = {
  feedback_count: {
    definition:
      'Feedback received of kind message, call, comment or rating, in the bucket in which it occurred; automatic mail is not in it. By channel and account only.',
    unit: 'count',
    version: 1,
    formula: { kind: 'count', counter: 'feedback' },
    measures: [],
  },
  automatic_feedback_count: {
    definition:
      'As feedback_count, but the automatic mail (auto-replies, bounces, lists, loops). By channel and account only.',
    unit: 'count',
    version: 1,
    formula: { kind: 'count', counter: 'automatic_feedback' },
    measures: [],
  },
  tickets_opened: {
    definition: 'Tickets opened in the bucket.',
    unit: 'count',
    version: 1,
    formula: { kind: 'count', counter: 'opened' },
    measures: ['opened'],
  },
  tickets_resolved: {
    definition: 'Resolutions made in the bucket that still stand; a reopening takes its resolution out again.',
    unit: 'count',
    version: 1,
    formula: { kind: 'count', counter: 'resolved' },
    measures: ['resolved'],
  },
  backlog: {
    definition:
      'Tickets open at the end of the bucket (neither resolved nor merged), under the team, category, priority and customer that they had then.',
    unit: 'count',
    version: 1,
    formula: { kind: 'stock' },
    measures: ['opened', 'resolved', 'moved'],
  },
  first_response_time: {
    definition: `First customer message to the first answer by a person that was sent or delivered; automatic answers do not count; in the bucket of the answer; ${percentiles}.`,
    unit: 'seconds',
    version: 1,
    formula: { kind: 'time', measure: 'first_response', times: 'first_responses', time: 'first_response_ms' },
    measures: ['first_response'],
  },
  next_response_time: {
    definition: `Each later customer message that starts a wait to the next answer by a person; in the bucket of the answer; ${percentiles}.`,
    unit: 'seconds',
    version: 1,
    formula: { kind: 'time', measure: 'next_response', times: 'next_responses', time: 'next_response_ms' },
    measures: ['next_response'],
  },
  resolution_time: {
    definition: `Opened to last resolved; reopening restarts; in the bucket of the resolution; ${percentiles}.`,
    unit: 'seconds',
    version: 1,
    formula: { kind: 'time', measure: 'resolved', times: 'resolved', time: 'resolved_ms' },
    measures: ['resolved'],
  },
  one_touch_rate: {
    definition: 'Of tickets_resolved, the share with at most one answer by a person.',
    unit: 'share',
    version: 1,
    formula: { kind: 'share', hits: ['one_touch'], of: ['resolved'] },
    measures: ['resolved'],
  },
  transfer_rate: {
    definition: 'Of tickets_resolved, the share that changed its team at least once.',
    unit: 'share',
    version: 1,
    formula: { kind: 'share', hits: ['transferred'], of: ['resolved'] },
    measures: ['resolved'],
  },
  reopen_rate: {
    definition: 'Of all resolutions made in the bucket, the share that was reopened later.',
    unit: 'share',
    version: 1,
    formula: { kind: 'share', hits: ['reopened'], of: ['resolved', 'reopened'] },
    measures: ['resolved', 'reopened'],
  },
  replies_delivered_rate: {
    definition:
      'Of the answers by people whose fate is known, the share that was sent, delivered or read; failed and uncertain ones are the rest. In the bucket of the first outcome; a later bounce corrects it.',
    unit: 'share',
    version: 1,
    formula: { kind: 'share', ...repliesDelivered },
    measures: ['reply_delivered', 'reply_failed'],
  },
  reliability: {
    definition:
      'Shares side by side, never one score: answers delivered; resolutions that were not reopened; ledger balanced. The last is, of the inputs that intakes received and the records that ticketing and reporting read, the share whose end was counted as well (an end without a beginning counts against it too), by source and app and quarter of an hour in which they came in; by channel and account only, else null.',
    unit: 'share',
    version: 2,
    formula: {
      kind: 'shares',
      parts: {
        replies_delivered: repliesDelivered,
        resolutions_not_reopened: notReopened,
        ledger_balanced: ledgerBalanced,
      },
    },
    measures: ['reply_delivered', 'reply_failed', 'resolved', 'reopened'],
  },
} as const satisfies Record<string, Metric>;
export type MetricName = keyof typeof metrics;
export const metricNames = Object.keys(metrics) as MetricName[];

export function metricOf(name: MetricName): Metric {
  return metrics[name];
}

/** Whether the number is about feedback, which knows channel and account only. */
export function isAboutFeedback(name: MetricName): boolean {
  return metricOf(name).measures.length === 0;
}

/** The timed measures whose histograms the metrics need. */
export function timedMeasuresOf(names: readonly MetricName[]): TimedMeasure[] {
  const formulas = names.map((name) => metricOf(name).formula);
  return [...new Set(formulas.flatMap((formula) => (formula.kind === 'time' ? [formula.measure] : [])))];
}

const isOfLedger = (counter: Counter): counter is LedgerCounter =>
  (ledgerCounters as readonly Counter[]).includes(counter);

/** The counters of facts and feedback that the metrics are computed from. */
export function cellCountersOf(names: readonly MetricName[]): CellCounter[] {
  return countersOf(names).filter((counter): counter is CellCounter => !isOfLedger(counter));
}

/** The counters of the ledger that the metrics are computed from. */
export function ledgerCountersOf(names: readonly MetricName[]): LedgerCounter[] {
  return countersOf(names).filter(isOfLedger);
}

function countersOf(names: readonly MetricName[]): Counter[] {
  const counters = names.flatMap((name): readonly Counter[] => {
    const { formula } = metricOf(name);
    switch (formula.kind) {
      case 'count':
        return [formula.counter];
      case 'stock':
        return ['backlog_change'];
      case 'time':
        return [formula.times, formula.time];
      case 'share':
        return [...formula.hits, ...formula.of];
      case 'shares':
        return Object.values(formula.parts).flatMap(({ hits, of }) => [...hits, ...of]);
    }
  });
  return [...new Set(counters)];
}

/** Everything that a number can be computed from: what one row of an answer adds up to. */
export interface Sums {
  readonly counts: Counts;
  readonly histograms: Partial<Record<TimedMeasure, Histogram>>;
  /** Open tickets at the end; undefined where a stock has no meaning. */
  backlog?: number;
}

interface TimeValue {
  readonly count: number;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
}
/** A count, a share (null when there was nothing to share), seconds, or shares by name. */
export type MetricValue = number | null | TimeValue | Record<string, number | null>;

export function evaluate(name: MetricName, sums: Sums): MetricValue {
  const { formula } = metricOf(name);
  switch (formula.kind) {
    case 'count':
      return sums.counts[formula.counter];
    case 'stock':
      return sums.backlog ?? 0;
    case 'time':
      return timeValue(sums.counts[formula.times], sums.counts[formula.time], sums.histograms[formula.measure]);
    case 'share':
      return shareOf(formula, sums.counts);
    case 'shares':
      return Object.fromEntries(
        Object.entries(formula.parts).map(([part, share]) => [part, shareOf(share, sums.counts)]),
      );
  }
}

function shareOf(share: Share, counts: Counts): number | null {
  const sum = (names: readonly Counter[]) => names.reduce((total, name) => total + counts[name], 0);
  const of = sum(share.of);
  return of === 0 ? null : Math.round((sum(share.hits) / of) * 1e6) / 1e6;
}

function timeValue(count: number, milliseconds: number, histogram: Histogram | undefined): TimeValue {
  const at = (q: number) => {
    const value = histogram?.quantile(q);
    return value === undefined ? null : Math.round(value) / 1000;
  };
  const mean = count === 0 ? null : Math.round(milliseconds / count) / 1000;
  return { count, mean, p50: at(0.5), p90: at(0.9), p95: at(0.95) };
}

/** The names of the columns that a metric fills in a flat table (CSV). */
export function columnsOf(name: MetricName): string[] {
  const { formula } = metricOf(name);
  if (formula.kind === 'time') return ['count', 'mean', 'p50', 'p90', 'p95'].map((part) => `${name}_${part}`);
  if (formula.kind === 'shares') return Object.keys(formula.parts).map((part) => `${name}_${part}`);
  return [name];
}

/** The value in the order of `columnsOf`. */
export function cellsOf(value: MetricValue): (number | null)[] {
  return value !== null && typeof value === 'object' ? (Object.values(value) as (number | null)[]) : [value];
}
