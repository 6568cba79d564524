import { setTimeout as sleep } from 'node:timers/promises';
import { dropsAt } from '#env';
import type { Logger } from '#observability';
import { type BatchContext, type Consumed, type Decode, failureOf, type LogRecord } from './batch-handler.js';
import { describeError } from './client.js';
import { consumerMetrics } from './consumer-metrics.js';
import { DeadLetterUnwritten, type DeadLetters, type Refusal } from './dead-letters.js';
import { ConsumerTally } from './ledger/consumer-tally.js';
import type { LedgerWriter } from './ledger/ledger-writer.js';
import { QuarantineBrake } from './quarantine-brake.js';
import { RetryBatch, RunningBatch, type Tenure } from './running-batch.js';

/**
 * - transient: the world is away for a while; retried for ever, never quarantined.
 * - race: somebody else was quicker; a fresh load helps.
 * - permanent: the database will refuse this event as often as it is asked.
 * - unknown: ours or theirs; the one event is looked for.
 */
export type ErrorClass = 'transient' | 'race' | 'permanent' | 'unknown';

/** The partition goes to somebody else, or the process ends: nothing is committed, the batch is delivered again. */
export class LeaveBatch extends Error {
  override readonly name = 'LeaveBatch';
}

/** Too many refusals to be the fault of the input: consuming stops, the offset stays. */
export class BrakeEngaged extends Error {
  override readonly name = 'BrakeEngaged';
}

export interface BatchRunnerOptions {
  readonly topic: string;
  readonly decode: Decode<unknown>;
  readonly handle: (batch: readonly Consumed<unknown>[], context: BatchContext) => Promise<void>;
  readonly deadLetters: DeadLetters;
  readonly classify: (error: unknown) => ErrorClass;
  readonly logger: Logger;
  /** A sign of life for the liveness probe; a tick of a backoff is one. */
  readonly turn: () => void;
  readonly ledger?: LedgerWriter;
}

const racesUntilBisected = 5;
const maxBackoffMs = 3_000;
const tickMs = 200;

type Refused = readonly { readonly record: LogRecord; readonly refusal: Refusal }[];

/** Brings a batch to its end: every event stored, dropped or in quarantine; the only place that acts on outcomes and errors. */
export class BatchRunner {
  readonly #brake = new QuarantineBrake();

  constructor(private readonly options: BatchRunnerOptions) {}

  /**
   * Resolves when the offset behind the last record may be committed.
   * @throws LeaveBatch, BrakeEngaged: then it may not.
   */
  async run(records: readonly LogRecord[], tenure: Tenure): Promise<void> {
    const { ledger, topic, turn } = this.options;
    turn();
    const stop = consumerMetrics.batchSeconds.startTimer({ topic });
    consumerMetrics.batchSize.observe({ topic }, records.length);
    const tally = ledger === undefined ? undefined : new ConsumerTally();
    const { events, refused } = this.#decode(records, tally);
    if (refused.length > 0) await this.#quarantine(refused, tenure, tally);
    if (events.length > 0) await this.#handle(events, tenure, tally);
    // Before the offset: what a kill leaves uncounted is read, and counted, again.
    if (ledger !== undefined && tally !== undefined) {
      ledger.book.add(tally.book);
      await ledger.write();
    }
    stop();
    turn();
  }

  #decode(records: readonly LogRecord[], tally: ConsumerTally | undefined) {
    const events: Consumed<unknown>[] = [];
    const refused: { record: LogRecord; refusal: Refusal }[] = [];
    for (const record of records) {
      tally?.read(record);
      if (dropsAt('drop_read')) continue;
      const decoded = this.options.decode({ headers: record.headers, value: record.bytes });
      if (decoded.ok) events.push({ ...record, id: decoded.id, data: decoded.data });
      else refused.push({ record, refusal: { reason: decoded.reason, step: 'decode', detail: decoded.detail } });
    }
    return { events, refused };
  }

  async #handle(events: readonly Consumed<unknown>[], tenure: Tenure, tally: ConsumerTally | undefined): Promise<void> {
    let races = 0;
    for (let attempt = 1; ; attempt++) {
      this.options.turn();
      const failure = await this.#attempt(events, tenure, tally);
      if (failure === undefined) return;
      const { error } = failure;
      const kind = this.#classify(error);
      consumerMetrics.retries.inc({ topic: this.options.topic, class: kind });
      if (kind === 'transient') {
        if (error instanceof DeadLetterUnwritten) consumerMetrics.unwritten.set({ topic: this.options.topic }, 1);
        this.options.logger.warn(
          { ...at(events), attempt, error: describeError(error) },
          'batch waits and starts again',
        );
        await this.#backoff(attempt, tenure);
      } else if (kind === 'race' && ++races < racesUntilBisected) {
        await this.#pause(Math.random() * 20 * 2 ** races, tenure);
      } else {
        return this.#bisect(events, { kind, error }, tenure, tally);
      }
    }
  }

  /** Undefined when the handler has stored the batch. */
  async #attempt(
    events: readonly Consumed<unknown>[],
    tenure: Tenure,
    tally: ConsumerTally | undefined,
  ): Promise<{ error: unknown } | undefined> {
    const batch = new RunningBatch(events, tenure, this.options.deadLetters);
    try {
      await this.options.handle(events, batch);
    } catch (error) {
      return { error };
    }
    const failure = failureOf(batch);
    if (failure !== undefined) return failure;
    if (batch.outcomes === undefined) return { error: new Error('the handler returned without settle()') };
    this.#count(events, batch.outcomes, tally);
    return undefined;
  }

  #classify(error: unknown): ErrorClass {
    if (error instanceof RetryBatch || error instanceof DeadLetterUnwritten) return 'transient';
    return this.options.classify(error);
  }

  /** Halves the batch until the one event is found that cannot be stored; order is kept, since the left half goes first. */
  async #bisect(
    events: readonly Consumed<unknown>[],
    { kind, error }: { readonly kind: ErrorClass; readonly error: unknown },
    tenure: Tenure,
    tally: ConsumerTally | undefined,
  ): Promise<void> {
    const [first] = events;
    if (first === undefined) return;
    if (events.length > 1) {
      const middle = events.length >> 1;
      await this.#handle(events.slice(0, middle), tenure, tally);
      await this.#handle(events.slice(middle), tenure, tally);
      return;
    }
    const place = { topic: first.topic, partition: first.partition, offset: first.offset, id: first.id };
    this.options.logger.error({ ...place, kind, err: error }, 'event cannot be stored');
    if (this.#brake.refused()) throw new BrakeEngaged('too many events in a row cannot be stored', { cause: error });
    const refusal: Refusal =
      kind === 'unknown'
        ? { reason: 'unknown_failure', step: 'decide', detail: describeError(error) }
        : { reason: 'refused_by_database', step: 'store', detail: describeError(error) };
    await this.#quarantine([{ record: first, refusal }], tenure, tally);
  }

  /** Tries until the letters are written: skipping one would lose an event. */
  async #quarantine(refused: Refused, tenure: Tenure, tally: ConsumerTally | undefined): Promise<void> {
    const { topic, logger } = this.options;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.options.deadLetters.write(refused);
        break;
      } catch (error) {
        if (!(error instanceof DeadLetterUnwritten)) throw error;
        consumerMetrics.unwritten.set({ topic }, refused.length);
        logger.error(
          { topic, letters: refused.length, error: describeError(error.cause) },
          'quarantine is not writable',
        );
        await this.#backoff(attempt, tenure);
      }
    }
    consumerMetrics.unwritten.set({ topic }, 0);
    for (const { record, refusal } of refused) {
      tally?.became(record, { kind: 'deadLetter', ...refusal });
      consumerMetrics.quarantined.inc({ topic, reason: refusal.reason, step: refusal.step });
      consumerMetrics.outcomes.inc({ topic, kind: 'deadLetter', reason: refusal.reason });
    }
  }

  #count(
    events: readonly Consumed<unknown>[],
    outcomes: NonNullable<RunningBatch['outcomes']>,
    tally: ConsumerTally | undefined,
  ): void {
    const { topic } = this.options;
    this.#brake.passed(events.length);
    consumerMetrics.unwritten.set({ topic }, 0);
    const now = Date.now();
    for (const { timestamp } of events)
      consumerMetrics.ageSeconds.observe({ topic }, Math.max(0, now - timestamp) / 1_000);
    for (const [index, event] of events.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined) tally?.became(event, outcome);
    }
    const counts = new Map<string, { kind: string; reason: string; count: number }>();
    for (const outcome of outcomes) {
      const reason = outcome.kind === 'ok' ? '' : outcome.reason;
      const entry = counts.get(outcome.kind + reason) ?? { kind: outcome.kind, reason, count: 0 };
      entry.count += 1;
      counts.set(outcome.kind + reason, entry);
      if (outcome.kind === 'deadLetter') consumerMetrics.quarantined.inc({ topic, reason, step: outcome.step });
    }
    for (const { kind, reason, count } of counts.values()) consumerMetrics.outcomes.inc({ topic, kind, reason }, count);
  }

  #backoff(attempt: number, tenure: Tenure): Promise<void> {
    const ceiling = Math.min(maxBackoffMs, 100 * 2 ** Math.min(attempt, 10));
    return this.#pause(ceiling * (0.5 + Math.random() / 2), tenure);
  }

  /** Waits with heartbeats and signs of life; leaves as soon as the partition is wanted elsewhere. */
  async #pause(ms: number, tenure: Tenure): Promise<void> {
    for (const until = Date.now() + ms; ; ) {
      this.options.turn();
      if (!tenure.rebalancing && tenure.isRunning) await tenure.heartbeat();
      if (tenure.rebalancing) throw new LeaveBatch('the group is rebalancing');
      if (!tenure.isRunning) throw new LeaveBatch('the consumer is stopping');
      const left = until - Date.now();
      if (left <= 0) return;
      await sleep(Math.min(left, tickMs));
    }
  }
}

function at(events: readonly LogRecord[]) {
  const [first] = events;
  return { topic: first?.topic, partition: first?.partition, offset: first?.offset, events: events.length };
}
