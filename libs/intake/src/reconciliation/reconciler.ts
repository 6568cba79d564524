import { setTimeout as delay } from 'node:timers/promises';
import { counter, type Logger } from '#observability';
import { type Database, type HeldLease, withLease } from '#postgres';
import type { Intake } from '../intake.js';
import type { Background } from '../intake-lifecycle.js';
import { ListError, ListGoneError } from './list-error.js';
import { PresenceRepository } from './presence.repository.js';
import { nextSpans, postpone, type Span, type Task } from './span.js';

const fetchedInputs = counter({
  name: 'phanhoi_intake_fetched_total',
  help: "Inputs taken from a provider's list after a run was cut off, known ones among them",
  labelNames: ['source'],
});
const failures = counter({
  name: 'phanhoi_intake_reconciliation_failures_total',
  help: 'Times that a provider could not be asked for what it holds of a run that was cut off',
  labelNames: ['source'],
});

const markEveryMs = 20_000;
/** One account's turn; a list that takes longer is begun again later. */
const patienceMs = 600_000;
const shortestRestMs = 200;
const longestRestMs = 5_000;

/** An account of which its provider can be asked what there was. */
export interface ListedAccount {
  readonly channel: string;
  readonly account: string;
  /**
   * Takes what the provider holds of this time through the intake, under the ids that it would have had, and answers how many inputs that were.
   * Rejects with ListError while that cannot be done, with ListGoneError if it never can; anything may have been taken by then.
   */
  readonly fetch: (from: Date, to: Date, signal: AbortSignal) => Promise<number>;
}

interface ReconcilerParts {
  readonly database: Database;
  /** This replica's name (`INSTANCE`). */
  readonly instance: string;
  readonly intake: Pick<Intake, 'pipeline' | 'countedUntil' | 'hasStatedAll'>;
  readonly accounts: readonly ListedAccount[];
  readonly logger: Logger;
}

/**
 * Settles what a killed run leaves in doubt: each run marks that it is alive; of one that was cut off every account is asked what there was, by one
 * replica, and the ledger is told. The mark goes last, so that a crash in between repeats it all: ids make that harmless.
 */
export class Reconciler implements Background {
  private readonly stopping = new AbortController();
  private readonly presence: PresenceRepository;
  private timer: NodeJS.Timeout | undefined;
  private marking: Promise<void> = Promise.resolve();
  private settling: Promise<void> | undefined;
  private spans: Span<ListedAccount>[] = [];

  constructor(private readonly parts: ReconcilerParts) {
    this.presence = new PresenceRepository(parts.database, parts.instance);
  }

  start(): void {
    if (this.parts.accounts.length === 0) return;
    const turn = () => {
      this.marking = this.marking.then(() => this.turn());
    };
    this.timer = setInterval(turn, markEveryMs);
    this.timer.unref();
    turn();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await this.marking;
    await this.settling;
  }

  async finish(): Promise<void> {
    try {
      await this.presence.removeOwn();
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'this run will look as if it had been cut off');
    }
  }

  /** Also looks for runs of replicas that do not come back, and of those that were cut off before the database could be asked. */
  private async turn(): Promise<void> {
    try {
      await this.presence.mark(this.parts.intake.countedUntil);
      if (this.settling !== undefined || this.stopping.signal.aborted) return;
      const ended = await this.presence.listEnded();
      if (ended.length === 0) return;
      this.settling = this.settleAlone().finally(() => {
        this.settling = undefined;
      });
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'the sign of life waits for the database');
    }
  }

  private async settleAlone(): Promise<void> {
    const { database, instance, logger } = this.parts;
    const done = new AbortController();
    await withLease({
      ...{ database, logger, name: 'reconciliation', holder: instance },
      signal: AbortSignal.any([this.stopping.signal, done.signal]),
      run: async (held) => {
        await this.settle(held);
        if (!held.signal.aborted) done.abort();
      },
    });
  }

  /** Until nothing is in doubt. What is known of the spans outlives a lease that is lost. */
  private async settle({ signal }: HeldLease): Promise<void> {
    while (!signal.aborted) {
      const { accounts } = this.parts;
      this.spans = nextSpans(this.spans, await this.presence.listEnded(), { accounts, now: Date.now() });
      if (this.spans.length === 0) return;
      for (const span of this.spans) await this.settleSpan(span, signal);
      const dueAt = Math.min(...this.spans.flatMap(({ open }) => [...open].map((task) => task.dueAt)));
      const restMs = Math.min(longestRestMs, Math.max(shortestRestMs, dueAt - Date.now()));
      await delay(restMs, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  private async settleSpan(span: Span<ListedAccount>, signal: AbortSignal): Promise<void> {
    for (const task of span.open) {
      if (signal.aborted) return;
      if (task.dueAt <= Date.now() && (await this.ask(task, span, signal))) span.open.delete(task);
    }
    // What the ledger has not been told yet would be forgotten with this process.
    if (span.open.size === 0 && (await this.parts.intake.hasStatedAll())) await this.presence.remove(span.runs);
  }

  /** False: to be asked again. */
  private async ask(
    task: Task<ListedAccount>,
    { from, to }: Span<ListedAccount>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { channel, account, fetch } = task.account;
    const { intake, logger } = this.parts;
    const source = `${channel}:${account}`;
    try {
      const fetched = await fetch(from, to, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]));
      fetchedInputs.inc({ source }, fetched);
      intake.pipeline.reconciled(channel, account, { from, to, fetched });
      logger.info(
        { source, from, to, fetched },
        'the provider was asked for what a run that was cut off may have missed',
      );
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      failures.inc({ source });
      const isKnown = error instanceof ListError;
      const why = isKnown ? { detail: error.message } : { err: error };
      if (error instanceof ListGoneError) {
        logger.error(
          { source, from, to, ...why },
          'what a run that was cut off may have missed cannot be found out any more',
        );
        return true;
      }
      postpone(task, Date.now(), isKnown ? error.retryAfterMs : undefined);
      logger.warn({ source, ...why, nextAt: new Date(task.dueAt) }, 'the provider could not be asked what was missed');
      return false;
    }
  }
}
