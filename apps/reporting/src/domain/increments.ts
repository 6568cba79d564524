import { type DayStarts, quarterOf } from './day-starts.js';
import { dimensionSets, feedbackSet } from './dimensions.js';
import { type FactRow, isTimed, type Measure, type TimedMeasure } from './fact-row.js';
import type { FeedbackRow } from './fold.js';

/** What a cell counts; the names are the columns of the rollup tables. */
export const counters = [
  'feedback',
  'automatic_feedback',
  'opened',
  'resolved',
  'resolved_ms',
  'one_touch',
  'transferred',
  'reopened',
  'first_responses',
  'first_response_ms',
  'next_responses',
  'next_response_ms',
  'replies_delivered',
  'replies_failed',
  'backlog_change',
] as const;
/** What is counted of the ledger, which has tables of its own: no cell ever holds them. */
export const ledgerCounters = ['ledger_counted', 'ledger_accounted'] as const;
export type LedgerCounter = (typeof ledgerCounters)[number];
export type CellCounter = (typeof counters)[number];
export type Counter = CellCounter | LedgerCounter;
export type Counts = Record<Counter, number>;

/** Which counters a measure moves: how often, and for how long. */
const countedAs = {
  opened: { times: 'opened' },
  resolved: { times: 'resolved', time: 'resolved_ms' },
  reopened: { times: 'reopened' },
  first_response: { times: 'first_responses', time: 'first_response_ms' },
  next_response: { times: 'next_responses', time: 'next_response_ms' },
  reply_delivered: { times: 'replies_delivered' },
  reply_failed: { times: 'replies_failed' },
  moved: {},
} as const satisfies Record<Measure, { times?: Counter; time?: Counter }>;

interface CellKey {
  readonly set: number;
  /** Start of the quarter or of the local day, milliseconds since 1970. */
  readonly bucket: number;
  readonly first: string;
  readonly second: string;
}

/** What changes in one cell: signed counts, and per timed measure signed counts by bin. */
export interface CellIncrement extends CellKey {
  readonly counts: Counts;
  readonly bins: Partial<Record<TimedMeasure, Map<number, number>>>;
}

export interface BacklogIncrement {
  readonly set: number;
  readonly first: string;
  readonly second: string;
  readonly change: number;
}

/** All that an answer adds up. */
export const answerCounters: readonly Counter[] = [...counters, ...ledgerCounters];
const nothing = Object.fromEntries(answerCounters.map((counter) => [counter, 0])) as Counts;

export function noCounts(): Counts {
  return { ...nothing };
}

function keyOf(cell: CellKey): string {
  return `${cell.set}\u0001${cell.bucket}\u0001${cell.first}\u0001${cell.second}`;
}

class Cells {
  readonly #cells = new Map<string, CellIncrement>();

  at(key: CellKey): CellIncrement {
    const name = keyOf(key);
    let cell = this.#cells.get(name);
    if (cell === undefined) {
      const { set, bucket, first, second } = key;
      cell = { set, bucket, first, second, counts: noCounts(), bins: {} };
      this.#cells.set(name, cell);
    }
    return cell;
  }

  /** In one order for every writer, so that two replicas never wait for each other in a circle. */
  sorted(): CellIncrement[] {
    return [...this.#cells.values()].filter(changesAnything).sort(byKey);
  }
}

function changesAnything(cell: CellIncrement): boolean {
  if (counters.some((counter) => cell.counts[counter] !== 0)) return true;
  return Object.values(cell.bins).some((bins) => [...bins.values()].some((count) => count !== 0));
}

function compare<Value extends string | number>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byKey(a: Omit<CellKey, 'bucket'> & { bucket?: number }, b: typeof a): number {
  return (
    compare(a.set, b.set) ||
    compare(a.bucket ?? 0, b.bucket ?? 0) ||
    compare(a.first, b.first) ||
    compare(a.second, b.second)
  );
}

/** Adds up rows in memory, so that a batch costs one upsert per rollup table. */
export class Increments {
  readonly #quarters = new Cells();

  addFeedback(row: FeedbackRow): void {
    const cell = this.#quarters.at({
      set: feedbackSet.code,
      bucket: quarterOf(row.at),
      first: row.channel,
      second: row.account,
    });
    cell.counts[row.automatic ? 'automatic_feedback' : 'feedback'] += 1;
  }

  addFact(row: FactRow): void {
    const bucket = quarterOf(row.at);
    for (const { code, of } of dimensionSets) {
      const [first, second] = of as readonly [keyof FactRow['dimensions'], (keyof FactRow['dimensions'])?];
      const cell = this.#quarters.at({
        set: code,
        bucket,
        first: row.dimensions[first],
        second: second === undefined ? '' : row.dimensions[second],
      });
      addTo(cell, row);
    }
  }

  quarterCells(): CellIncrement[] {
    return this.#quarters.sorted();
  }

  dayCells(days: DayStarts): CellIncrement[] {
    const cells = new Cells();
    for (const quarter of this.#quarters.sorted()) {
      const day = cells.at({ ...quarter, bucket: days.of(quarter.bucket) });
      for (const counter of counters) day.counts[counter] += quarter.counts[counter];
      for (const [measure, bins] of Object.entries(quarter.bins)) {
        const into = (day.bins[measure as TimedMeasure] ??= new Map());
        for (const [bin, count] of bins) into.set(bin, (into.get(bin) ?? 0) + count);
      }
    }
    return cells.sorted();
  }

  /** How the backlog changes altogether; times play no part. */
  backlog(): BacklogIncrement[] {
    const totals = new Map<string, BacklogIncrement>();
    for (const { set, first, second, counts } of this.#quarters.sorted()) {
      if (counts.backlog_change === 0) continue;
      const key = keyOf({ set, bucket: 0, first, second });
      const change = (totals.get(key)?.change ?? 0) + counts.backlog_change;
      totals.set(key, { set, first, second, change });
    }
    return [...totals.values()].filter(({ change }) => change !== 0).sort(byKey);
  }
}

function addTo(cell: CellIncrement, row: FactRow): void {
  const counts = cell.counts;
  const counted: { times?: Counter; time?: Counter } = countedAs[row.measure];
  counts.backlog_change += row.backlogChange;
  if (counted.times !== undefined) counts[counted.times] += row.weight;
  if (counted.time !== undefined) counts[counted.time] += row.weight * row.milliseconds;
  if (row.oneTouch) counts.one_touch += row.weight;
  if (row.transferred) counts.transferred += row.weight;
  if (isTimed(row.measure)) {
    const bins = (cell.bins[row.measure] ??= new Map());
    bins.set(row.bin, (bins.get(row.bin) ?? 0) + row.weight);
  }
}
