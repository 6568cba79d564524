import type { Transaction } from '#postgres';
import type { Reachability } from '../domain/reachability.js';
import { BulkInsert, iso } from './bulk-write.js';

const upsert = new BulkInsert<Reachability>(
  'reachability',
  [
    { name: 'identity_id', type: 'uuid', of: ({ identityId }) => identityId },
    { name: 'channel', type: 'text', of: ({ channel }) => channel },
    { name: 'state', type: 'text', of: ({ state }) => state },
    { name: 'at', type: 'timestamptz', of: ({ at }) => iso(at) },
  ],
  `on conflict (identity_id, channel) do update set state = excluded.state, at = excluded.at
   where reachability.at <= excluded.at`,
);

const placeOf = ({ identityId, channel }: Reachability) => `${identityId} ${channel}`;

/** The newest of each identity and channel, in the order of their keys as all who lock them keep it. */
function newest(learnt: readonly Reachability[]): Reachability[] {
  const byPlace = new Map<string, Reachability>();
  for (const one of learnt) {
    const known = byPlace.get(placeOf(one));
    if (known === undefined || known.at <= one.at) byPlace.set(placeOf(one), one);
  }
  return [...byPlace.values()].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

export async function saveReachability(tx: Transaction, learnt: readonly Reachability[]): Promise<void> {
  if (learnt.length > 0) await upsert.run(tx, newest(learnt));
}
