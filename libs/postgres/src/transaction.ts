import type pg from 'pg';

/** A statement is prepared once per connection under its name: one name, one text. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** The work caught an error of a statement and went on: Postgres answers COMMIT with a silent rollback then. */
export class TransactionAbortedError extends Error {
  constructor(cause: unknown) {
    super('the transaction was rolled back because one of its statements failed', { cause });
    this.name = 'TransactionAbortedError';
  }
}

/** One open READ COMMITTED transaction on one connection. Only `Database.transaction` makes them. */
export class Transaction {
  private firstError: unknown;
  private open = true;
  private readonly committed: (() => void)[] = [];

  constructor(private readonly client: pg.ClientBase) {}

  /** Rows of a named prepared statement. bigint, numeric and count() arrive as strings, timestamptz as Date, bytea as Buffer. */
  async query<T extends object>(name: string, text: string, values: readonly unknown[] = []): Promise<T[]> {
    return (await this.run(name, text, values)).rows as T[];
  }

  /** As `query`, for statements without rows: the number of rows written. */
  async execute(name: string, text: string, values: readonly unknown[] = []): Promise<number> {
    return (await this.run(name, text, values)).rowCount ?? 0;
  }

  /** Runs after the commit has been confirmed, never after a rollback: wake a relay, signal a waiter. What it throws reaches the caller, though the commit stands. */
  afterCommit(action: () => void): void {
    this.committed.push(action);
  }

  /** @internal */
  async commit(): Promise<void> {
    this.open = false;
    const { command } = await this.client.query('COMMIT');
    if (command !== 'COMMIT') throw new TransactionAbortedError(this.firstError);
  }

  /** @internal */
  announceCommit(): void {
    for (const action of this.committed) action();
  }

  /** @internal */
  async rollback(): Promise<void> {
    this.open = false;
    await this.client.query('ROLLBACK');
  }

  private async run(name: string, text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    if (!this.open) throw new Error(`statement ${name} came after the end of its transaction`);
    try {
      return await this.client.query({ name, text, values: values as unknown[] });
    } catch (error) {
      this.firstError ??= error;
      throw error;
    }
  }
}
