import type { Transaction } from './transaction.js';

/**
 * Marks events as consumed by this transaction and returns those that nobody consumed before (ids in lower case).
 * First statement of every batch. Sorted, so that two consumers of one partition (a rebalance) cannot deadlock: the
 * second waits until the first commits and then gets none, or gets them all after a rollback. Waits at most
 * lock_timeout (5 s), then throws 55P03.
 */
export async function claimInbox(tx: Transaction, ids: readonly string[]): Promise<Set<string>> {
  const sorted = [...new Set(ids.map((id) => id.toLowerCase()))].sort();
  const rows = await tx.query<{ event_id: string }>(
    'inbox_claim',
    `insert into inbox (event_id)
     select id from unnest($1::uuid[]) with ordinality as event(id, position) order by position
     on conflict do nothing returning event_id`,
    [sorted],
  );
  return new Set(rows.map((row) => row.event_id));
}

/** Takes claims of this transaction back: an event that ends as a dead letter must be consumable when it is replayed. */
export async function releaseInbox(tx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.execute('inbox_release', 'delete from inbox where event_id = any($1::uuid[])', [ids]);
}
