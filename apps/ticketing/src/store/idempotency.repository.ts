import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#postgres';

/** How long the answer to a key is remembered; a client that repeats later than this asks anew. */
const keptDays = 7;
const unset = '00000000-0000-0000-0000-000000000000';

export interface IdempotentRequest {
  /** Caller and address: keys of different callers never meet. */
  readonly scope: string;
  readonly key: string;
  readonly body: object;
}

export type Claim =
  | { readonly kind: 'first' }
  | { readonly kind: 'repeated'; readonly resultId: string }
  | { readonly kind: 'other_body' };

/** Requests with an Idempotency-Key. Claimed under the lock of the ticket that they are about: parallel uses come one after the other. */
@Injectable()
export class IdempotencyRepository {
  constructor(private readonly database: Database) {}

  async claim(tx: Transaction, request: IdempotentRequest): Promise<Claim> {
    const bodyHash = createHash('sha256').update(JSON.stringify(request.body)).digest('hex');
    const inserted = await tx.execute(
      'idempotency_claim',
      `INSERT INTO idempotency_keys (scope, key, body_hash, result_id, created_at) VALUES ($1, $2, $3, $4, now())
       ON CONFLICT (scope, key) DO NOTHING`,
      [request.scope, request.key, bodyHash, unset],
    );
    if (inserted === 1) return { kind: 'first' };
    const [known] = await tx.query<{ bodyHash: string; resultId: string }>(
      'idempotency_known',
      'SELECT body_hash AS "bodyHash", result_id AS "resultId" FROM idempotency_keys WHERE scope = $1 AND key = $2',
      [request.scope, request.key],
    );
    if (known === undefined) throw new Error('an idempotency key vanished while it was looked at');
    return known.bodyHash === bodyHash ? { kind: 'repeated', resultId: known.resultId } : { kind: 'other_body' };
  }

  async settle(tx: Transaction, { scope, key }: IdempotentRequest, resultId: string): Promise<void> {
    await tx.execute('idempotency_settle', 'UPDATE idempotency_keys SET result_id = $3 WHERE scope = $1 AND key = $2', [
      scope,
      key,
      resultId,
    ]);
  }

  async removeExpired(): Promise<void> {
    await this.database.execute({
      name: 'idempotency_sweep',
      text: 'DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(days => $1)',
      values: [keptDays],
    });
  }
}
