import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { classifyDatabaseError, databaseErrorCode, isStaleStatement } from './classify-error.js';
import { poolOf } from './data-source.js';
import { type Statement, Transaction, TransactionAbortedError } from './transaction.js';

export interface TransactionOptions {
  /** How often the work runs at most; default 3. */
  readonly attempts?: number;
  /** Also run it again after a unique, foreign-key or exclusion violation: for work that loads afresh. Default: false. */
  readonly retryRaces?: boolean;
}

const pingTimeoutMs = 1_000;

/** Statements and transactions on the service's own schema, through the pool of its data source. */
export class Database {
  private up = false;
  private readonly pool: pg.Pool;

  constructor(readonly dataSource: DataSource) {
    this.pool = poolOf(dataSource);
  }

  /** Whether the last contact with the server succeeded. False until the first one. */
  get isUp(): boolean {
    return this.up;
  }

  /** Asks the server, for at most about four seconds; false instead of an error. */
  async ping(): Promise<boolean> {
    try {
      await this.observed(this.pool.query({ text: 'select 1', query_timeout: pingTimeoutMs } as pg.QueryConfig));
      return true;
    } catch (error) {
      if (classifyDatabaseError(error) === 'transient') return false;
      throw error;
    }
  }

  /** One named statement on its own. */
  async query<T extends object>({ name, text, values = [] }: Statement): Promise<T[]> {
    return (await this.observed(this.pool.query({ name, text, values: values as unknown[] }))).rows as T[];
  }

  /** As `query`, for statements without rows: the number of rows written. */
  async execute({ name, text, values = [] }: Statement): Promise<number> {
    return (await this.observed(this.pool.query({ name, text, values: values as unknown[] }))).rowCount ?? 0;
  }

  /**
   * Runs the work in a READ COMMITTED transaction and commits. After a serialization failure or a deadlock (class 40), or
   * when a migration made a prepared statement stale, the work runs again from its start, so it must be repeatable.
   * A connection lost during COMMIT leaves the outcome open and is thrown: inboxes and keys make the repetition harmless.
   * lock_timeout is 5 s, idle_in_transaction_session_timeout 10 s.
   */
  async transaction<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const { attempts = 3, retryRaces = false } = options;
    for (let attempt = 1; ; attempt += 1) {
      let done: { result: T; tx: Transaction };
      try {
        done = await this.attempt(work);
      } catch (error) {
        if (attempt >= attempts || !worthRepeating(error, retryRaces)) throw error;
        await delay(Math.random() * 25 * 2 ** attempt);
        continue;
      }
      done.tx.announceCommit();
      return done.result;
    }
  }

  private async attempt<T>(work: (tx: Transaction) => Promise<T>): Promise<{ result: T; tx: Transaction }> {
    const client = await this.observed(this.pool.connect());
    const tx = new Transaction(client);
    let broken = false;
    try {
      await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
      const result = await work(tx);
      await tx.commit();
      this.up = true;
      return { result, tx };
    } catch (error) {
      broken = await this.settleFailure(tx, error);
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Rolls back; true means that the connection cannot be used again. */
  private async settleFailure(tx: Transaction, error: unknown): Promise<boolean> {
    this.observe(error);
    if (error instanceof TransactionAbortedError) return false;
    try {
      await tx.rollback();
    } catch (rollbackError) {
      this.observe(rollbackError);
      return true;
    }
    return isStaleStatement(error) || isConnectionLoss(error);
  }

  private async observed<T>(answer: Promise<T>): Promise<T> {
    try {
      const result = await answer;
      this.up = true;
      return result;
    } catch (error) {
      this.observe(error);
      throw error;
    }
  }

  private observe(error: unknown): void {
    if (isConnectionLoss(error)) this.up = false;
  }
}

/** The server or the way to it is gone, as opposed to a statement that it refused. */
function isConnectionLoss(error: unknown): boolean {
  if (classifyDatabaseError(error) !== 'transient') return false;
  const code = databaseErrorCode(error);
  return code === undefined || !/^(40|53|55|42|26|0A)|^57014$/.test(code);
}

function worthRepeating(error: unknown, retryRaces: boolean): boolean {
  const cause = error instanceof TransactionAbortedError ? error.cause : error;
  if (isStaleStatement(cause)) return true;
  if (retryRaces && classifyDatabaseError(cause) === 'race') return true;
  return databaseErrorCode(cause)?.startsWith('40') ?? false;
}
