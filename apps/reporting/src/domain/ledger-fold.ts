import type { LedgerCount, LedgerRecord } from '#contracts';

/** A process run of an app as the ledger knows it. */
export interface LedgerRun {
  readonly run: string;
  readonly app: string;
  readonly instance: string;
  readonly startedAt: string;
  /** Everything that ended before is counted. */
  readonly until: string;
  /** Of the last record that has been folded. */
  readonly sequence: number;
  readonly isIntake: boolean;
  readonly hasEnded: boolean;
  readonly sources: readonly string[];
  /** How a window that is cut off is settled, by source, in the order of `sources`. */
  readonly settlements: readonly string[];
}

/** What one app adds to a source and minute. */
export interface AppCount extends LedgerCount {
  readonly app: string;
}

export interface ReconciledSpan {
  readonly source: string;
  readonly from: string;
  readonly to: string;
  readonly fetched: number;
}

export interface FoldedLedger {
  /** Per record, in order: false for one that was folded before. */
  readonly isNew: readonly boolean[];
  readonly runs: readonly LedgerRun[];
  readonly counts: readonly AppCount[];
  readonly spans: readonly ReconciledSpan[];
}

/** Adds a batch of records up, each record once. `known`: the last sequence of each run that has been folded. Rows come sorted by key. */
export function foldLedger(batch: readonly LedgerRecord[], known: ReadonlyMap<string, number>): FoldedLedger {
  const last = new Map(known);
  const runs = new Map<string, LedgerRun>();
  const counts = new Map<string, AppCount>();
  const spans = new Map<string, ReconciledSpan>();
  const isNew = batch.map((record) => {
    if (record.sequence <= (last.get(record.run) ?? -1)) return false;
    last.set(record.run, record.sequence);
    runs.set(record.run, runOf(record, runs.get(record.run)));
    for (const count of record.counts) {
      const key = `${count.minute} ${count.source} ${record.app}`;
      counts.set(key, add({ ...count, app: record.app }, counts.get(key)));
    }
    for (const span of record.reconciled) {
      const key = `${span.source} ${span.from}`;
      const before = spans.get(key);
      const to = before !== undefined && before.to > span.to ? before.to : span.to;
      spans.set(key, { ...span, to, fetched: span.fetched + (before?.fetched ?? 0) });
    }
    return true;
  });
  return { isNew, runs: sorted(runs), counts: sorted(counts), spans: sorted(spans) };
}

function runOf(record: LedgerRecord, before: LedgerRun | undefined): LedgerRun {
  const { run, app, instance, startedAt, at, sequence, intake } = record;
  const listened = intake?.sources;
  return {
    run,
    app,
    instance,
    startedAt,
    until: at,
    sequence,
    isIntake: intake !== undefined,
    hasEnded: intake?.isLast ?? false,
    sources: listened?.map(({ source }) => source) ?? before?.sources ?? [],
    settlements: listened?.map(({ settledBy }) => settledBy) ?? before?.settlements ?? [],
  };
}

function add(count: AppCount, before: AppCount | undefined): AppCount {
  if (before === undefined) return count;
  const sum: Record<string, unknown> = { ...before };
  for (const [field, value] of Object.entries(count)) {
    if (typeof value === 'number') sum[field] = value + Number(sum[field] ?? 0);
  }
  return sum as unknown as AppCount;
}

function sorted<Row>(rows: ReadonlyMap<string, Row>): Row[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
