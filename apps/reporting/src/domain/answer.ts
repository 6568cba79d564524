import { bucketLabel, bucketStarts, weekdayHourLabel } from './buckets.js';
import type { TimedMeasure } from './fact-row.js';
import { Histogram } from './histogram.js';
import { answerCounters, type Counts, noCounts } from './increments.js';
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

interface Bucket {
  readonly counts: Counts;
  readonly parts: HistogramPart[];
  backlog?: number;
}

interface Group {
  readonly names: readonly string[];
  readonly buckets: Map<number, Bucket>;
  opening: number;
}

/** Turns sums into the numbers of the catalogue. A row stands where something was counted or a backlog lay. */
export function composeAnswer(question: Question, counted: Counted): Answer {
  const groups = gather(counted);
  if (question.metrics.includes('backlog')) carryBacklog(question, groups);
  const totals = new Total();
  const labelOf = labelsOf(question);
  const rows = groups.flatMap((group) => rowsOf(question, group, { totals, labelOf }));
  rows.sort((a, b) => a.bucket - b.bucket || (a.key < b.key ? -1 : 1));
  return { rows: rows.map(({ row }) => row), totals: numbers(question.metrics, totals.sums) };
}

function gather(counted: Counted): Group[] {
  const groups = new Map<string, Group>();
  const groupOf = (names: readonly string[]) => {
    const key = names.join('\u0001');
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { names, buckets: new Map(), opening: 0 }));
    return group;
  };
  for (const { bucket, group, counts } of counted.groups) addCounts(bucketOf(groupOf(group), bucket).counts, counts);
  for (const part of counted.histograms) bucketOf(groupOf(part.group), part.bucket).parts.push(part);
  for (const { group, stock } of counted.opening) groupOf(group).opening += stock;
  return [...groups.values()];
}

function bucketOf(group: Group, start: number): Bucket {
  let bucket = group.buckets.get(start);
  if (bucket === undefined) group.buckets.set(start, (bucket = { counts: noCounts(), parts: [] }));
  return bucket;
}

function addCounts(into: Counts, counts: Counts): void {
  for (const counter of answerCounters) into[counter] += counts[counter];
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
      if (stock !== 0 || group.buckets.has(start)) bucketOf(group, start).backlog = stock;
    }
  }
}

/** Adds the group to the totals on the way: a histogram is large, so one serves all buckets, one after the other. */
function rowsOf(
  question: Question,
  group: Group,
  { totals, labelOf }: { readonly totals: Total; readonly labelOf: (bucket: number) => string },
): { bucket: number; key: string; row: AnswerRow }[] {
  const key = group.names.join('\u0001');
  const names = Object.fromEntries(question.groupBy.map((dimension, place) => [dimension, group.names[place] || null]));
  totals.open(group.opening);
  return [...group.buckets].flatMap(([bucket, counted]) => {
    const values = numbers(question.metrics, totals.add(counted));
    if (Object.values(values).every(isNothing)) return [];
    return [{ bucket, key, row: { bucket: labelOf(bucket), ...names, ...values } }];
  });
}

function isNothing(value: MetricValue): boolean {
  if (value === null || value === 0) return true;
  if (typeof value !== 'object') return false;
  return 'count' in value ? value.count === 0 : Object.values(value).every((part) => part === null);
}

/** Each bucket is named once, however many groups it has. */
function labelsOf({ granularity, zone }: Question): (bucket: number) => string {
  const labels = new Map<number, string>();
  return (bucket) => {
    let label = labels.get(bucket);
    if (label !== undefined) return label;
    if (granularity === 'weekday_hour') label = weekdayHourLabel(Math.floor(bucket / 100), bucket % 100);
    else label = bucketLabel(bucket, granularity, zone);
    labels.set(bucket, label);
    return label;
  };
}

function numbers(metrics: readonly MetricName[], sums: Sums): Record<string, MetricValue> {
  return Object.fromEntries(metrics.map((name) => [name, evaluate(name, sums)]));
}

/** Of all groups and buckets together; the backlog is the one at `to`. */
class Total {
  readonly #counts = noCounts();
  readonly #histograms: Partial<Record<TimedMeasure, Histogram>> = {};
  readonly #ofBucket = new Map<TimedMeasure, Histogram>();
  #opening = 0;

  open(stock: number): void {
    this.#opening += stock;
  }

  /** The sums of the bucket, good until the next one is added. */
  add({ counts, parts, backlog }: Bucket): Sums {
    addCounts(this.#counts, counts);
    const histograms: Partial<Record<TimedMeasure, Histogram>> = {};
    for (const part of parts) part.addTo((histograms[part.measure] ??= this.#emptied(part.measure)));
    for (const [measure, histogram] of Object.entries(histograms)) {
      (this.#histograms[measure as TimedMeasure] ??= new Histogram()).merge(histogram);
    }
    return { counts, histograms, ...(backlog === undefined ? {} : { backlog }) };
  }

  get sums(): Sums {
    const backlog = this.#opening + this.#counts.backlog_change;
    return { counts: this.#counts, histograms: this.#histograms, backlog };
  }

  #emptied(measure: TimedMeasure): Histogram {
    let histogram = this.#ofBucket.get(measure);
    if (histogram === undefined) this.#ofBucket.set(measure, (histogram = new Histogram()));
    else histogram.clear();
    return histogram;
  }
}
