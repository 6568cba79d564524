import type { Database } from '#postgres';

export interface UpdateGap {
  readonly account: string;
  /** First and last number that are missing. */
  readonly from: number;
  readonly to: number;
}

/** What comes out of order comes within this time. */
const settled = '60 seconds';
/** After a week without updates Telegram goes on at a random number: a longer step is no gap. Source: core.telegram.org/bots/api, "Update". */
const longestGap = 1_000;

/** The numbers of updates that have come, for a day; the highest of each account stays. */
export class UpdateRepository {
  constructor(private readonly database: Database) {}

  async noteUpdates(updates: readonly { readonly account: string; readonly updateId: number }[]): Promise<void> {
    if (updates.length === 0) return;
    await this.database.query({
      name: 'note-updates',
      text: `insert into update_seen (account, update_id)
             select * from unnest($1::text[], $2::bigint[]) on conflict do nothing`,
      values: [updates.map(({ account }) => account), updates.map(({ updateId }) => updateId)],
    });
  }

  /** Gaps that nobody has reported yet; each is given to one replica. */
  async claimGaps(): Promise<UpdateGap[]> {
    const rows = await this.database.query<{ account: string; from: string; to: string }>({
      name: 'claim-update-gaps',
      text: `with steps as (
               select account, update_id, seen_at, gap_reported,
                      lag(update_id) over (partition by account order by update_id) as previous
               from update_seen)
             update update_seen set gap_reported = true
             from steps
             where update_seen.account = steps.account and update_seen.update_id = steps.update_id
               and not update_seen.gap_reported and steps.seen_at < clock_timestamp() - interval '${settled}'
               and steps.update_id - steps.previous between 2 and ${longestGap}
             returning update_seen.account, steps.previous + 1 as "from", update_seen.update_id - 1 as "to"`,
      values: [],
    });
    return rows.map(({ account, from, to }) => ({ account, from: Number(from), to: Number(to) }));
  }

  /** How many numbers below those seen since then have not come. */
  async countMissing(account: string, since: Date): Promise<number> {
    const [row] = await this.database.query<{ missing: string }>({
      name: 'count-missing-updates',
      text: `select coalesce(sum(update_id - previous - 1), 0) as missing from (
               select update_id, seen_at, lag(update_id) over (order by update_id) as previous
               from update_seen where account = $1) as steps
             where seen_at >= $2 and update_id - previous between 2 and ${longestGap}`,
      values: [account, since],
    });
    return Number(row?.missing ?? 0);
  }

  async removeOld(): Promise<void> {
    await this.database.query({
      name: 'remove-old-updates',
      text: `delete from update_seen old where seen_at < clock_timestamp() - interval '1 day'
             and exists (select 1 from update_seen newer where newer.account = old.account and newer.update_id > old.update_id)`,
      values: [],
    });
  }
}
