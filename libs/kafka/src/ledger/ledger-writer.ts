import { randomUUID } from 'node:crypto';
import {
  ledgerMessage,
  type LedgerRecord,
  ledgerRecordId,
  type Reconciled,
  type Settlement,
  type WireMessage,
} from '#contracts';
import type { Logger } from '#observability';
import type { Publisher } from '../publisher.js';
import { describeError } from '../client.js';
import { LedgerBook } from './ledger-book.js';

export interface LedgerWriterOptions {
  readonly app: string;
  readonly instance: string;
  /** Started and closed by the app. */
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly logger: Logger;
  /** Of an intake: whom it takes inputs from. Its records say until when they are complete; a consumer's are written before it commits. */
  readonly sources?: readonly { readonly source: string; readonly settledBy: Settlement }[];
  /** Takes the last records where the broker does not, in their order, to be published later; false: it cannot either. */
  readonly spool?: (messages: readonly WireMessage[]) => Promise<boolean>;
  /** How often an intake writes what it has counted; default 5,000. */
  readonly everyMs?: number;
}

/** Keeps a record well below the 256 KiB of an event. */
const countsPerRecord = 1_000;
/** A sign of life, so that a run that was killed can be told from one that has nothing to do. */
const heartbeatMs = 60_000;
const publishDeadlineMs = 2_000;
/** A consumer does not wait for a ledger that cannot be written at each of its batches. */
const pauseMs = 5_000;

/**
 * Writes a process run's counts to intake.ledger.v1. A record that may or may not have arrived is sent again unchanged, under the same id, before
 * any other, so that each is counted once. Never rejects: a ledger that is away holds up nobody, its counts wait.
 */
export class LedgerWriter {
  readonly book = new LedgerBook();
  private readonly run = randomUUID();
  private readonly startedAt = new Date().toISOString();
  private sequence = 0;
  private pending: LedgerRecord | undefined;
  private reconciled: Reconciled[] = [];
  private writtenAt = 0;
  private pausedUntil = 0;
  /** From the first record in the spool on all others go there: one that came first to the log would make it a repetition. */
  private isSpooling = false;
  private writing: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: LedgerWriterOptions) {}

  /** For intakes: the first record at once, then by the clock. */
  start(): void {
    void this.write();
    this.timer = setInterval(() => {
      this.book.closeOpen();
      const isDue = Date.now() - this.writtenAt >= heartbeatMs;
      if (isDue || !this.isEmpty) void this.write();
    }, this.options.everyMs ?? 5_000);
    this.timer.unref();
  }

  /** The provider holds nothing of this time that has not gone through the intake; goes out with the next record. */
  addReconciled(statement: Reconciled): void {
    this.reconciled.push(statement);
  }

  /** Until when all counts are on the log, in milliseconds since 1970; 0 while none are. */
  get countedUntil(): number {
    return this.writtenAt;
  }

  /** Whether every statement of `addReconciled` is on the log. */
  get hasStatedAll(): boolean {
    return this.reconciled.length === 0 && (this.pending?.reconciled.length ?? 0) === 0;
  }

  /** Resolves when all that was counted before the call is on the log, or has to wait. Callers that come together share one record. */
  write(): Promise<void> {
    if (this.next !== undefined) return this.next;
    const next = this.writing.then(async () => {
      this.next = undefined;
      await this.writeAll();
    });
    this.next = next;
    this.writing = next;
    return next;
  }

  /**
   * The last record: nothing of this run is missing. To be called when no input can end any more, before the publisher is closed.
   * False: neither broker nor spool took it, and the run looks as if it had been killed.
   */
  async finish(): Promise<boolean> {
    clearInterval(this.timer);
    await this.writing;
    this.book.closeOpen(Number.POSITIVE_INFINITY);
    this.pausedUntil = 0;
    await this.writeAll(true);
    return this.isEmpty;
  }

  private get isEmpty(): boolean {
    return this.pending === undefined && this.book.isEmpty && this.reconciled.length === 0;
  }

  private async writeAll(isLast = false): Promise<void> {
    if (Date.now() < this.pausedUntil) return;
    const isIntake = this.options.sources !== undefined;
    let lastIsDue = isLast && isIntake;
    // An intake's record says that it lives, even if it has nothing else to say.
    for (let isFirst = isIntake; isFirst || lastIsDue || !this.isEmpty; isFirst = false) {
      this.pending ??= this.makeRecord(lastIsDue);
      if (!(await this.keep([ledgerMessage(this.pending)], isLast))) return;
      if (this.pending.intake?.isLast === true) lastIsDue = false;
      this.pending = undefined;
      this.writtenAt = Date.now();
    }
  }

  private async keep(messages: readonly WireMessage[], isLast: boolean): Promise<boolean> {
    const { publisher, spool, logger } = this.options;
    try {
      if (!this.isSpooling) {
        await publisher.publish(messages, { deadlineMs: publishDeadlineMs });
        return true;
      }
    } catch (error) {
      this.pausedUntil = Date.now() + pauseMs;
      logger.warn({ error: describeError(error) }, 'the ledger waits for the broker');
    }
    // Only of a run that ends: what it would say later would overtake its own words.
    const isSpooled = isLast && (await spool?.(messages)) === true;
    this.isSpooling ||= isSpooled;
    return isSpooled;
  }

  private makeRecord(isLast: boolean): LedgerRecord {
    const { app, instance, sources } = this.options;
    const { run, startedAt } = this;
    const sequence = this.sequence++;
    const counts = this.book.take(countsPerRecord);
    const reconciled = this.reconciled.splice(0, countsPerRecord);
    return {
      id: ledgerRecordId(run, sequence),
      app,
      instance,
      run,
      sequence,
      startedAt,
      at: new Date().toISOString(),
      ...(sources === undefined
        ? {}
        : {
            intake: {
              isLast: isLast && this.book.isEmpty && this.reconciled.length === 0,
              ...(sequence === 0 ? { sources: [...sources] } : {}),
            },
          }),
      counts,
      reconciled,
    };
  }
}
