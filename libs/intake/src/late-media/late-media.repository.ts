import { hash } from 'node:crypto';
import { type ReceivedVia, receivedVias } from '#contracts';
import type { Database } from '#postgres';

/** An input as it came, of which files are missing. */
export interface IncompleteInput {
  readonly account: string;
  readonly body: Buffer;
  readonly receivedVia: ReceivedVia;
}

export interface LateInput extends IncompleteInput {
  readonly sha256: string;
  /** A day has passed: what is there now is all that will be. */
  readonly isLast: boolean;
}

/** Wait before the next attempt: from 30 s doubling to an hour, for a day. */
const backoff = `least(interval '30 seconds' * power(2, least(attempt, 7)), interval '1 hour')`;

/** The table `late_media` of libs/postgres. */
export class LateMediaRepository {
  constructor(private readonly database: Database) {}

  async keep({ account, body, receivedVia }: IncompleteInput): Promise<void> {
    await this.database.query({
      name: 'keep-late-media',
      text: `insert into late_media (account, sha256, body, received_via) values ($1, $2, $3, $4) on conflict do nothing`,
      values: [account, hash('sha256', body), body, receivedVia],
    });
  }

  /** Those whose time has come; nobody else gets them before their next one. */
  async claim(): Promise<LateInput[]> {
    const rows = await this.database.query<Omit<LateInput, 'receivedVia'> & { receivedVia: string }>({
      name: 'claim-late-media',
      text: `update late_media set attempt = attempt + 1, next_attempt_at = clock_timestamp() + ${backoff}
             where (account, sha256) in (
               select account, sha256 from late_media where next_attempt_at <= clock_timestamp()
               order by next_attempt_at limit 20 for update skip locked)
             returning account, sha256, body, received_via as "receivedVia",
                       created_at < clock_timestamp() - interval '1 day' as "isLast"`,
    });
    return rows.map((row) => ({ ...row, receivedVia: receivedVias.find((via) => via === row.receivedVia) ?? 'push' }));
  }

  async remove({ account, sha256 }: Pick<LateInput, 'account' | 'sha256'>): Promise<void> {
    await this.database.query({
      name: 'remove-late-media',
      text: 'delete from late_media where account = $1 and sha256 = $2',
      values: [account, sha256],
    });
  }
}
