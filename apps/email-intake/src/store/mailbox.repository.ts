import { Inject, Injectable } from '@nestjs/common';
import { Database, type Lease } from '#postgres';
import type { FolderName } from '../source/accounts.js';

export type MailboxState =
  | 'waiting'
  | 'connecting'
  | 'reading'
  | 'watching'
  | 'backing_off'
  | 'sign_in_refused'
  | 'no_folder';

/** How far a folder has been read. UIDs only rise within one UIDVALIDITY. */
export interface Cursor {
  readonly uidValidity: bigint;
  readonly lastUid: number;
  readonly scanSince?: Date;
  readonly backfillUntil: number;
}

export interface FolderKey {
  readonly account: string;
  readonly folder: FolderName;
}

export interface StoredCursor extends Cursor {
  readonly createdAt: Date;
  readonly lastInternalDate?: Date;
}

/** What GET /api/v1/mailboxes shows of a folder. */
export interface MailboxReport extends FolderKey {
  readonly state: string;
  readonly uidValidity?: string;
  readonly lastUid?: number;
  /** Mails that lie on the server and have not been taken. */
  readonly lag?: number;
  readonly lastError?: string;
  readonly updatedAt: string;
}

interface Row {
  account: string;
  folder: FolderName;
  uid_validity: string | null;
  last_uid: string;
  scan_since: Date | null;
  backfill_until: string;
  last_internal_date: Date | null;
  state: string;
  last_error: string | null;
  server_uid_next: string | null;
  created_at: Date;
  updated_at: Date;
}

/** Cursors and states of the folders that are read. */
@Injectable()
export class MailboxRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  async findCursor({ account, folder }: FolderKey): Promise<StoredCursor | undefined> {
    const [row] = await this.database.query<Row>({
      name: 'mailbox_find',
      text: 'select * from mailbox where account = $1 and folder = $2 and uid_validity is not null',
      values: [account, folder],
    });
    if (row === undefined || row.uid_validity === null) return undefined;
    return {
      uidValidity: BigInt(row.uid_validity),
      lastUid: Number(row.last_uid),
      backfillUntil: Number(row.backfill_until),
      createdAt: row.created_at,
      ...(row.scan_since === null ? {} : { scanSince: row.scan_since }),
      ...(row.last_internal_date === null ? {} : { lastInternalDate: row.last_internal_date }),
    };
  }

  /** Starts a folder at a place; refused when the lease has gone to somebody else. */
  async startAt({ account, folder }: FolderKey, cursor: Cursor, lease: Lease): Promise<void> {
    await this.database.transaction(async (tx) => {
      await lease.assertHeld(tx);
      await tx.execute(
        'mailbox_start',
        `insert into mailbox (account, folder, uid_validity, last_uid, scan_since, backfill_until) values ($1, $2, $3, $4, $5, $6)
         on conflict (account, folder) do update
           set uid_validity = excluded.uid_validity, last_uid = excluded.last_uid, scan_since = excluded.scan_since,
               backfill_until = excluded.backfill_until, updated_at = clock_timestamp()`,
        [
          account,
          folder,
          cursor.uidValidity.toString(),
          cursor.lastUid,
          cursor.scanSince ?? null,
          cursor.backfillUntil,
        ],
      );
    });
  }

  /** Everything up to this UID is durable. Never moves back; refused when the lease has gone to somebody else. */
  async moveCursor(
    { account, folder }: FolderKey,
    to: { uid: number; uidValidity: bigint; internalDate?: Date },
    lease: Lease,
  ): Promise<void> {
    await this.database.transaction(async (tx) => {
      await lease.assertHeld(tx);
      await tx.execute(
        'mailbox_move',
        `update mailbox set last_uid = $4, updated_at = clock_timestamp(),
                last_internal_date = greatest(last_internal_date, $5::timestamptz)
         where account = $1 and folder = $2 and uid_validity = $3 and last_uid < $4`,
        [account, folder, to.uidValidity.toString(), to.uid, to.internalDate ?? null],
      );
    });
  }

  async noteState(
    { account, folder }: FolderKey,
    state: MailboxState,
    facts: { error?: string; serverUidNext?: number } = {},
  ): Promise<void> {
    await this.database.execute({
      name: 'mailbox_note',
      text: `insert into mailbox (account, folder, state, last_error, server_uid_next) values ($1, $2, $3, $4, $5)
             on conflict (account, folder) do update
               set state = excluded.state, updated_at = clock_timestamp(),
                   last_error = case when $3 = 'watching' then null else coalesce(excluded.last_error, mailbox.last_error) end,
                   server_uid_next = coalesce(excluded.server_uid_next, mailbox.server_uid_next)`,
      values: [account, folder, state, facts.error ?? null, facts.serverUidNext ?? null],
    });
  }

  async listReports(): Promise<MailboxReport[]> {
    const rows = await this.database.query<Row>({
      name: 'mailbox_list',
      text: 'select * from mailbox order by account, folder',
    });
    return rows.map((row) => ({
      account: row.account,
      folder: row.folder,
      state: row.state,
      ...(row.uid_validity === null ? {} : { uidValidity: row.uid_validity, lastUid: Number(row.last_uid) }),
      ...(row.server_uid_next === null || row.uid_validity === null
        ? {}
        : { lag: Math.max(0, Number(row.server_uid_next) - 1 - Number(row.last_uid)) }),
      ...(row.last_error === null ? {} : { lastError: row.last_error }),
      updatedAt: row.updated_at.toISOString(),
    }));
  }
}
