import type { EndedRun } from './presence.repository.js';

/** One account that has to be asked for a span. */
export interface Task<Account> {
  readonly account: Account;
  failures: number;
  /** Milliseconds since 1970. */
  dueAt: number;
}

/** The time that runs cut off leave in doubt, and who has still to be asked for it. */
export interface Span<Account> {
  readonly runs: readonly string[];
  readonly from: Date;
  readonly to: Date;
  readonly open: Set<Task<Account>>;
}

/** Between an input's end and its count, and between our clock and a provider's. */
const marginMs = 120_000;
const firstBackoffMs = 1_000;
const longestBackoffMs = 600_000;
/** What a provider may ask for at most. */
const longestWaitMs = 3_600_000;

/** Spans whose runs have been settled by somebody else are gone; runs that no span has yet get one together. */
export function nextSpans<Account>(
  spans: readonly Span<Account>[],
  ended: readonly EndedRun[],
  { accounts, now }: { readonly accounts: readonly Account[]; readonly now: number },
): Span<Account>[] {
  const isThere = new Set(ended.map(({ run }) => run));
  const kept = spans.filter(({ runs }) => runs.some((run) => isThere.has(run)));
  const known = new Set(kept.flatMap(({ runs }) => runs));
  const fresh = ended.filter(({ run }) => !known.has(run));
  if (fresh.length === 0) return kept;
  const from = Math.min(now, ...fresh.map(({ countedUntil }) => countedUntil.getTime())) - marginMs;
  const open = new Set(accounts.map((account) => ({ account, failures: 0, dueAt: 0 })));
  return [...kept, { runs: fresh.map(({ run }) => run), from: new Date(from), to: new Date(now), open }];
}

/** @param waitMs what the provider has asked for */
export function postpone(task: Task<unknown>, now: number, waitMs: number | undefined): void {
  const backoffMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(task.failures, 20));
  task.failures += 1;
  task.dueAt = now + (waitMs === undefined ? backoffMs : Math.min(longestWaitMs, Math.max(firstBackoffMs, waitMs)));
}
