import type { Transaction } from '#postgres';

/**
 * Every statement of the consuming path looks rows up by their key. A statement that was prepared while its table was
 * empty would keep a plan that reads the whole table, until the next analyze, which a growing backlog does not wait for.
 */
export async function planByIndex(tx: Transaction): Promise<void> {
  await tx.execute(
    '',
    'set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off',
  );
}
