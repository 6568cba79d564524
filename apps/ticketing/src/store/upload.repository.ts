import { Injectable } from '@nestjs/common';
import type { Attachment } from '#contracts';
import { Database, type Transaction } from '#postgres';

/** How long a file waits for its answer. Its bytes stay in the store, under the store's own retention. */
const keptHours = 24;

/** Files that were sent for an answer, each good for one. */
@Injectable()
export class UploadRepository {
  constructor(private readonly database: Database) {}

  /** Returns until when the file waits; undefined when the account has `limit` waiting already. */
  async add(id: string, accountId: string, attachment: Attachment, limit: number): Promise<Date | undefined> {
    const [row] = await this.database.query<{ until: Date }>({
      name: 'upload_add',
      text: `INSERT INTO uploads (id, account_id, attachment, created_at)
             SELECT $1::uuid, $2::uuid, $3::json, now()
             WHERE (SELECT count(*) FROM uploads WHERE account_id = $2::uuid AND ${waiting(5)}) < $4
             RETURNING created_at + make_interval(hours => $5) AS until`,
      values: [id, accountId, JSON.stringify(attachment), limit, keptHours],
    });
    return row?.until;
  }

  /**
   * Takes those of them away that wait for an answer of this account. Under lock, so that of two answers side by side one gets them;
   * sorted, so that neither waits for the other. What was taken is back if the transaction is rolled back.
   */
  async take(tx: Transaction, accountId: string, ids: readonly string[]): Promise<Map<string, Attachment>> {
    const rows = await tx.query<{ id: string; attachment: Attachment }>(
      'upload_take',
      `WITH held AS (SELECT id FROM uploads WHERE id = ANY($1::uuid[]) AND account_id = $2 AND ${waiting(3)}
                     ORDER BY id FOR UPDATE)
       DELETE FROM uploads u USING held WHERE u.id = held.id RETURNING u.id, u.attachment`,
      [ids, accountId, keptHours],
    );
    return new Map(rows.map(({ id, attachment }) => [id, attachment]));
  }

  async removeExpired(): Promise<void> {
    await this.database.execute({
      name: 'uploads_sweep',
      text: `DELETE FROM uploads WHERE NOT ${waiting(1)}`,
      values: [keptHours],
    });
  }
}

const waiting = (hours: number) => `(created_at > now() - make_interval(hours => $${hours}))`;
