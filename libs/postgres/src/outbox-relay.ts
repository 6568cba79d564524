import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { WireMessage } from '#contracts';
import { failpoint } from '#env';
import { counter, gauge, type Logger } from '#observability';
import type { Database } from './database.js';
import { type HeldLease, withLease } from './keep-lease.js';
import { deleteQueued, type QueuedMessage, type QueueTable, readQueue } from './outbox.js';

export interface OutboxRelayOptions {
  readonly database: Database;
  /** Resolves when every message is acknowledged by the broker; keeps the order of messages of one partition key. */
  readonly publish: (messages: WireMessage[]) => Promise<void>;
  /** `holder`: this instance's name. `name`: default `<table>-relay`. */
  readonly lease: { readonly holder: string; readonly name?: string };
  readonly logger: Logger;
  /** Default `outbox`. */
  readonly table?: QueueTable;
  /** Messages in one call of `publish` at most; default 500, the limit of the publisher's batch. */
  readonly batchSize?: number;
}

/** How long a message of another replica, which cannot wake us, waits. */
const pollMs = 100;
const firstBackoffMs = 100;
const longestBackoffMs = 5_000;
/** A look at the lowest 500 ids takes 5 to 10 ms on a busy laptop. */
const slowLookMs = 25;
const mostBatchesPerLook = 8;

const relayed = counter({
  name: 'phanhoi_outbox_relayed_total',
  help: 'Messages published from a queue table and deleted after the acknowledgement',
  labelNames: ['table'],
});
const failures = counter({
  name: 'phanhoi_outbox_failures_total',
  help: 'Batches of a queue table that could not be published or deleted; they are tried again',
  labelNames: ['table'],
});

const oldest = gauge({
  name: 'phanhoi_outbox_oldest_seconds',
  help: 'Age of the first message of a queue table when its relay last looked; 0 on replicas that do not relay',
  labelNames: ['table'],
});

/**
 * Publishes what stands in the outbox (or spool), lowest existing ids first, one batch in flight, and deletes it after the
 * acknowledgement: at least once, in order within a key. It keeps no cursor, since a lower id may commit later.
 * One replica relays at a time (a lease); a frozen one that wakes up may repeat a batch, which consumers ignore.
 * A batch that fails stays in front and is tried again with backoff (100 ms to 5 s), for ever.
 */
export class OutboxRelay {
  private readonly table: QueueTable;
  private readonly batchSize: number;
  private stopping: AbortController | undefined;
  private running: Promise<void> = Promise.resolve();
  private awake: (() => void) | undefined;
  private woken = false;
  private batchesPerLook = 1;

  constructor(private readonly options: OutboxRelayOptions) {
    this.table = options.table ?? 'outbox';
    this.batchSize = options.batchSize ?? 500;
  }

  /** Returns at once; seeks the lease in the background. */
  start(): void {
    if (this.stopping !== undefined) return;
    const { database, lease, logger } = this.options;
    this.stopping = new AbortController();
    this.running = withLease({
      database,
      logger,
      name: lease.name ?? `${this.table}-relay`,
      holder: lease.holder,
      signal: this.stopping.signal,
      run: (held) => this.relay(held),
    });
  }

  /** Resolves when the batch in flight is settled and the lease released. */
  async stop(): Promise<void> {
    this.stopping?.abort();
    await this.running;
    this.stopping = undefined;
  }

  /** There may be something new. Call it after a commit; cheap, and harmless where another replica relays. */
  wake(): void {
    this.woken = true;
    this.awake?.();
  }

  private async relay({ lease, signal }: HeldLease): Promise<void> {
    let backoffMs = 0;
    while (!signal.aborted && lease.held) {
      try {
        this.woken = false;
        const { rows, tookMs } = await this.look();
        if (rows.length === 0) await this.sleep(Math.max(pollMs, tookMs * 20), signal);
        for (let start = 0; start < rows.length && lease.held && !signal.aborted; start += this.batchSize) {
          await this.deliver(rows.slice(start, start + this.batchSize));
        }
        backoffMs = 0;
      } catch (error) {
        failures.inc({ table: this.table });
        backoffMs = Math.min(longestBackoffMs, Math.max(firstBackoffMs, backoffMs * 2));
        this.options.logger.warn({ err: error, table: this.table, backoffMs }, 'relay stopped, trying again');
        await pause(backoffMs, signal);
      }
    }
    oldest.set({ table: this.table }, 0);
  }

  /**
   * The lowest ids. While somebody holds an old snapshot (a dump, a long report), vacuum cannot remove what was deleted and
   * each look walks over it: then a look takes more rows at once, and an idle relay looks less often.
   */
  private async look(): Promise<{ rows: QueuedMessage[]; tookMs: number }> {
    const startedAt = performance.now();
    const rows = await readQueue(this.options.database, this.table, this.batchSize * this.batchesPerLook);
    const tookMs = performance.now() - startedAt;
    oldest.set({ table: this.table }, rows[0]?.ageSeconds ?? 0);
    const factor = tookMs > slowLookMs && rows.length > 0 ? 2 : 0.5;
    this.batchesPerLook = Math.min(mostBatchesPerLook, Math.max(1, this.batchesPerLook * factor));
    return { rows, tookMs };
  }

  private async deliver(batch: readonly QueuedMessage[]): Promise<void> {
    await this.options.publish(batch.map(({ message }) => message));
    failpoint('relay_published');
    await deleteQueued(
      this.options.database,
      this.table,
      batch.map(({ id }) => id),
    );
    relayed.inc({ table: this.table }, batch.length);
  }

  /** Until woken, or for so long. */
  private async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (this.woken) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.awake = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', this.awake, { once: true });
    });
    if (this.awake !== undefined) signal.removeEventListener('abort', this.awake);
    this.awake = undefined;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
