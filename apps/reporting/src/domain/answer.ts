import { bucketLabel, bucketStarts, weekdayHourLabel } from './buckets.js';
import type { TimedMeasure } from './fact-row.js';
import { Histogram } from './histogram.js';
import { type Counts, counters, noCounts } from './increments.js';
import { evaluate, type MetricName, type MetricValue, type Sums } from './metric-catalogue.js';
import type { Question } from './question.js';

/** Sums of one bucket and group, as the store read them. A bucket is its start in ms, or weekday × 100 + hour. */
export interface CountedGroup {
  readonly bucket: number;
  readonly group: readonly string[];
  readonly counts: Counts;
}

/** A part of a histogram of one bucket and group; there may be many for one. */
export interface HistogramPart {
  readonly bucket: number;
  readonly group: readonly string[];
  readonly measure: TimedMeasure;
  addTo(histogram: Histogram): void;
}

export interface Counted {
  readonly groups: readonly CountedGroup[];
  readonly histograms: readonly HistogramPart[];
  /** The backlog of each group at `from`; empty unless asked for. */
  readonly opening: readonly { readonly group: readonly string[]; readonly stock: number }[];
}

type AnswerRow = { bucket: string } & Record<string, string | MetricValue>;
export interface Answer {
  readonly rows: AnswerRow[];
  readonly totals: Record<string, MetricValue>;
}

interface Group {
  readonly names: readonly string[];
  readonly buckets: Map<number, Sums>;
  opening: number;
}

/** Turns sums into the numbers of the catalogue. A row stands where something was counted or a backlog lay. */
export function composeAnswer(question: Question, counted: Counted): Answer {
  const groups = gather(counted);
  if (question.metrics.includes('backlog')) carryBacklog(question, groups);
  const rows = groups.flatMap((group) => rowsOf(question, group));
  rows.sort((a, b) => a.bucket - b.bucket || (a.key < b.key ? -1 : 1));
  return { rows: rows.map(({ row }) => row), totals: numbers(question.metrics, total(groups)) };
}

function gather(counted: Counted): Group[] {
  const groups = new Map<string, Group>();
  const groupOf = (names: readonly string[]) => {
    const key = names.join('\u0001');
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { names, buckets: new Map(), opening: 0 }));
    return group;
  };
  for (const { bucket, group, counts } of counted.groups) addCounts(sumsAt(groupOf(group), bucket).counts, counts);
  for (const part of counted.histograms) {
    const { histograms } = sumsAt(groupOf(part.group), part.bucket);
    part.addTo((histograms[part.measure] ??= new Histogram()));
  }
  for (const { group, stock } of counted.opening) groupOf(group).opening += stock;
  return [...groups.values()];
}

function sumsAt(group: Group, bucket: number): Sums {
  let sums = group.buckets.get(bucket);
  if (sums === undefined) group.buckets.set(bucket, (sums = { counts: noCounts(), histograms: {} }));
  return sums;
}

function addCounts(into: Counts, counts: Counts): void {
  for (const counter of counters) into[counter] += counts[counter];
}

/** The stock at the end of a bucket is the stock before it and the changes in it. */
function carryBacklog({ granularity, from, to, zone }: Question, groups: readonly Group[]): void {
  if (granularity === 'weekday_hour') return;
  const starts = bucketStarts({ from, to }, granularity, zone);
  for (const group of groups) {
    let stock = group.opening;
    for (const start of starts) {
      const change = group.buckets.get(start)?.counts.backlog_change ?? 0;
      stock += change;
      if (stock !== 0 || group.buckets.has(start)) sumsAt(group, start).backlog = stock;
    }
  }
}

function rowsOf(question: Question, group: Group): { bucket: number; key: string; row: AnswerRow }[] {
  const key = group.names.join('\u0001');
  const names = Object.fromEntries(question.groupBy.map((dimension, place) => [dimension, group.names[place] || null]));
  return [...group.buckets].flatMap(([bucket, sums]) => {
    const values = numbers(question.metrics, sums);
    if (Object.values(values).every(isNothing)) return [];
    return [{ bucket, key, row: { bucket: labelOf(question, bucket), ...names, ...values } }];
  });
}

function isNothing(value: MetricValue): boolean {
  if (value === null || value === 0) return true;
  if (typeof value !== 'object') return false;
  return 'count' in value ? value.count === 0 : Object.values(value).every((part) => part === null);
}

function labelOf({ granularity, zone }: Question, bucket: number): string {
  if (granularity === 'weekday_hour') return weekdayHourLabel(Math.floor(bucket / 100), bucket % 100);
  return bucketLabel(bucket, granularity, zone);
}

function numbers(metrics: readonly MetricName[], sums: Sums): Record<string, MetricValue> {
  return Object.fromEntries(metrics.map((name) => [name, evaluate(name, sums)]));
}

/** Of all groups and buckets together; the backlog is the one at `to`. */
function total(groups: readonly Group[]): Sums {
  const sums: Sums = { counts: noCounts(), histograms: {}, backlog: 0 };
  for (const group of groups) {
    sums.backlog! += group.opening;
    for (const { counts, histograms } of group.buckets.values()) {
      addCounts(sums.counts, counts);
      for (const [measure, histogram] of Object.entries(histograms)) {
        (sums.histograms[measure as TimedMeasure] ??= new Histogram()).merge(histogram);
      }
    }
  }
  sums.backlog! += sums.counts.backlog_change;
  return sums;
}
