import { performance } from 'node:perf_hooks';
import type { Database } from './database.js';
import type { Transaction } from './transaction.js';

export interface LeaseOptions {
  readonly database: Database;
  /** What only one replica does, for example `outbox-relay`. */
  readonly name: string;
  /** The instance: a restarted process of the same name takes over at once. */
  readonly holder: string;
  /** Milliseconds without renewal until others may take it; default 5 000. */
  readonly durationMs?: number;
}

/** Another holder has taken the lease, or its time ran out while this process was not looking. */
export class LeaseLostError extends Error {
  constructor(name: string) {
    super(`the lease ${name} was lost`);
    this.name = 'LeaseLostError';
  }
}

/**
 * The right to do something alone, kept as a row. It is a hint with a fence, not a lock: a frozen process may wake up
 * after its time, so whatever it writes must check the epoch (`assertHeld` in the transaction) or be harmless twice.
 */
export class Lease {
  readonly name: string;
  readonly holder: string;
  readonly durationMs: number;
  private readonly database: Database;
  private heldEpoch: string | undefined;
  private heldUntil = 0;

  constructor({ database, name, holder, durationMs = 5_000 }: LeaseOptions) {
    this.database = database;
    this.name = name;
    this.holder = holder;
    this.durationMs = durationMs;
  }

  /** By our own monotonic clock, counted from before the last successful request: never longer than the server grants. */
  get held(): boolean {
    return this.remainingMs > 0;
  }

  /** Milliseconds that the lease certainly lasts without renewal. */
  get remainingMs(): number {
    return this.heldEpoch === undefined ? 0 : Math.max(0, this.heldUntil - performance.now());
  }

  /** Rises with each acquisition by anybody; bigint as text. */
  get epoch(): string | undefined {
    return this.heldEpoch;
  }

  /** Takes the lease if it is free, expired or held under the same holder's name. Throws when the database is away. */
  async acquire(): Promise<boolean> {
    const asked = performance.now();
    const [row] = await this.database.query<{ epoch: string }>({
      name: 'lease_acquire',
      text: `insert into lease as held (name, holder, epoch, until)
             values ($1, $2, 1, clock_timestamp() + $3 * interval '1 millisecond')
             on conflict (name) do update
               set holder = excluded.holder, epoch = held.epoch + 1, until = excluded.until
               where held.until < clock_timestamp() or held.holder = excluded.holder
             returning epoch`,
      values: [this.name, this.holder, this.durationMs],
    });
    return this.note(asked, row?.epoch);
  }

  /** Prolongs; false when somebody took the lease in between. Throws when the database is away (the lease may still be held). */
  async renew(): Promise<boolean> {
    const asked = performance.now();
    const [row] = await this.database.query<{ epoch: string }>({
      name: 'lease_renew',
      text: `update lease set until = clock_timestamp() + $4 * interval '1 millisecond'
             where name = $1 and holder = $2 and epoch = $3::bigint returning epoch`,
      values: [this.name, this.holder, this.heldEpoch ?? '0', this.durationMs],
    });
    return this.note(asked, row?.epoch);
  }

  /** Lets others take it at once. */
  async release(): Promise<void> {
    const epoch = this.heldEpoch;
    this.note(0, undefined);
    if (epoch === undefined) return;
    await this.database.execute({
      name: 'lease_release',
      text: `update lease set until = '-infinity' where name = $1 and holder = $2 and epoch = $3::bigint`,
      values: [this.name, this.holder, epoch],
    });
  }

  /** Throws LeaseLostError unless this transaction's writes are still ours to make; nobody can take over before it ends. */
  async assertHeld(tx: Transaction): Promise<void> {
    const rows = await tx.query(
      'lease_assert',
      'select 1 as held from lease where name = $1 and holder = $2 and epoch = $3::bigint for share',
      [this.name, this.holder, this.heldEpoch ?? '0'],
    );
    if (rows.length === 0) throw new LeaseLostError(this.name);
  }

  private note(asked: number, epoch: string | undefined): boolean {
    this.heldEpoch = epoch;
    this.heldUntil = epoch === undefined ? 0 : asked + this.durationMs;
    return epoch !== undefined;
  }
}
