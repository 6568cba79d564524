import { hash } from 'node:crypto';
import { type ReceivedVia, receivedVias } from '#contracts';
import type { Database } from '#postgres';

/** A webhook with one echo, kept until it can be said whose words it holds. */
export interface UnmatchedEcho {
  /** The account whose webhook it came by. */
  readonly account: string;
  readonly body: Buffer;
  readonly receivedAt: Date;
  readonly receivedVia: ReceivedVia;
}

export interface WaitingEcho extends UnmatchedEcho {
  readonly sha256: string;
  /** A minute has passed. */
  readonly isDue: boolean;
}

export class UnmatchedEchoRepository {
  constructor(private readonly database: Database) {}

  async keep({ account, body, receivedAt, receivedVia }: UnmatchedEcho): Promise<void> {
    await this.database.query({
      name: 'keep-unmatched-echo',
      text: `insert into unmatched_echo (account, sha256, body, received_at, received_via) values ($1, $2, $3, $4, $5)
             on conflict do nothing`,
      values: [account, hash('sha256', body), body, receivedAt, receivedVia],
    });
  }

  async list(): Promise<WaitingEcho[]> {
    const rows = await this.database.query<Omit<WaitingEcho, 'receivedVia'> & { receivedVia: string }>({
      name: 'list-unmatched-echoes',
      text: `select account, sha256, body, received_at as "receivedAt", received_via as "receivedVia",
                    judge_at <= clock_timestamp() as "isDue"
             from unmatched_echo order by received_at limit 100`,
    });
    return rows.map((row) => ({ ...row, receivedVia: receivedVias.find((via) => via === row.receivedVia) ?? 'push' }));
  }

  async remove({ account, sha256 }: Pick<WaitingEcho, 'account' | 'sha256'>): Promise<void> {
    await this.database.query({
      name: 'remove-unmatched-echo',
      text: 'delete from unmatched_echo where account = $1 and sha256 = $2',
      values: [account, sha256],
    });
  }
}
