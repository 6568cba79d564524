import { setTimeout as delay } from 'node:timers/promises';
import type { WireMessage } from '#contracts';
import { failpoint } from '#env';
import { counter, type Logger } from '#observability';
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

/** How long a message of another replica, which cannot wake us, waits at most. */
const pollMs = 100;
const firstBackoffMs = 100;
const longestBackoffMs = 5_000;

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
    while (!signal.aborted) {
      try {
        this.woken = false;
        const batch = await readQueue(this.options.database, this.table, this.batchSize);
        if (batch.length === 0) {
          await this.sleep(signal);
        } else {
          // The read may have taken longer than the lease lasts.
          if (!lease.held) return;
          await this.deliver(batch);
        }
        backoffMs = 0;
      } catch (error) {
        failures.inc({ table: this.table });
        backoffMs = Math.min(longestBackoffMs, Math.max(firstBackoffMs, backoffMs * 2));
        this.options.logger.warn({ err: error, table: this.table, backoffMs }, 'relay stopped, trying again');
        await pause(backoffMs, signal);
      }
    }
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

  /** Until woken, or for one poll. */
  private async sleep(signal: AbortSignal): Promise<void> {
    if (this.woken) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pollMs);
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
