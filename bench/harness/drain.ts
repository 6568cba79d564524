import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

export interface Drain {
  /** Rows per second between the first and the last look that saw progress. */
  readonly perSecond: number;
  readonly seconds: number;
}

/**
 * Follows a count until it reaches `want`. The clock starts with the first look that sees a row, so that the start of the process and the
 * joining of the group are not measured.
 */
export async function followDrain(
  databaseUrl: string,
  sql: string,
  want: number,
  options: { readonly timeoutMs: number; readonly from?: number },
): Promise<Drain> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const base = options.from ?? 0;
  const deadline = Date.now() + options.timeoutMs;
  let first: { at: number; count: number } | undefined;
  try {
    for (;;) {
      const count = (await countRows(client, sql)) - base;
      const at = performance.now();
      if (first === undefined && count > 0) first = { at, count };
      if (first !== undefined && count >= want) {
        const seconds = (at - first.at) / 1000;
        return { seconds, perSecond: (count - first.count) / seconds };
      }
      if (Date.now() > deadline) throw new Error(`${count} of ${want} after ${options.timeoutMs} ms: ${sql}`);
      await delay(50);
    }
  } finally {
    await client.end();
  }
}

/** 0 while the service has not made its tables yet. */
async function countRows(client: pg.Client, sql: string): Promise<number> {
  try {
    const { rows } = await client.query<{ count: string }>(sql);
    return Number(rows[0]?.count ?? 0);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '42P01') return 0;
    throw error;
  }
}
