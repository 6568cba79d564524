import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#postgres';

const refreshTokenDays = 14;

const hashOf = (token: string) => createHash('sha256').update(token).digest();

export type Exchange =
  | { readonly kind: 'exchanged'; readonly accountId: string; readonly refreshToken: string }
  | { readonly kind: 'refused'; readonly reason: 'unknown' | 'ended' | 'expired' }
  | { readonly kind: 'reused'; readonly accountId: string };

interface Row {
  readonly family: string;
  readonly accountId: string;
  readonly used: boolean;
  readonly revoked: boolean;
  readonly expired: boolean;
}

/** Sessions as chains of refresh tokens, each good for one use. */
@Injectable()
export class RefreshTokenRepository {
  constructor(private readonly database: Database) {}

  /** Begins a session. */
  async open(accountId: string): Promise<string> {
    return this.database.transaction((tx) => this.insert(tx, accountId, randomUUID()));
  }

  /** Takes one token and gives the next of its family; the second use of a token ends the whole family. */
  async exchange(token: string): Promise<Exchange> {
    return this.database.transaction(async (tx) => {
      const [row] = await tx.query<Row>(
        'refresh_token_lock',
        `SELECT family, account_id AS "accountId", used_at IS NOT NULL AS used, revoked_at IS NOT NULL AS revoked,
                expires_at <= now() AS expired
         FROM refresh_tokens WHERE token_hash = $1 FOR UPDATE`,
        [hashOf(token)],
      );
      if (row === undefined) return { kind: 'refused', reason: 'unknown' };
      if (row.revoked) return { kind: 'refused', reason: 'ended' };
      if (row.used) {
        await this.endFamily(tx, row.family);
        return { kind: 'reused', accountId: row.accountId };
      }
      if (row.expired) return { kind: 'refused', reason: 'expired' };
      await tx.execute('refresh_token_use', 'UPDATE refresh_tokens SET used_at = now() WHERE token_hash = $1', [
        hashOf(token),
      ]);
      return {
        kind: 'exchanged',
        accountId: row.accountId,
        refreshToken: await this.insert(tx, row.accountId, row.family),
      };
    });
  }

  /** Ends the session that the token belongs to; the account's id, or undefined for a token that nobody has. */
  async close(token: string): Promise<string | undefined> {
    return this.database.transaction(async (tx) => {
      const [row] = await tx.query<Row>(
        'refresh_token_family',
        `SELECT family, account_id AS "accountId" FROM refresh_tokens WHERE token_hash = $1`,
        [hashOf(token)],
      );
      if (row === undefined) return undefined;
      await this.endFamily(tx, row.family);
      return row.accountId;
    });
  }

  /** Ends all sessions of an account: its password, role or right to sign in changed. */
  async closeAll(tx: Transaction, accountId: string): Promise<void> {
    await tx.execute(
      'refresh_token_end_account',
      'UPDATE refresh_tokens SET revoked_at = now() WHERE account_id = $1 AND revoked_at IS NULL',
      [accountId],
    );
  }

  async removeExpired(): Promise<void> {
    await this.database.execute({
      name: 'refresh_token_sweep',
      text: 'DELETE FROM refresh_tokens WHERE expires_at < now()',
    });
  }

  private async insert(tx: Transaction, accountId: string, family: string): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await tx.execute(
      'refresh_token_insert',
      `INSERT INTO refresh_tokens (token_hash, family, account_id, created_at, expires_at)
       VALUES ($1, $2, $3, now(), now() + make_interval(days => $4))`,
      [hashOf(token), family, accountId, refreshTokenDays],
    );
    return token;
  }

  private async endFamily(tx: Transaction, family: string): Promise<void> {
    await tx.execute(
      'refresh_token_end_family',
      'UPDATE refresh_tokens SET revoked_at = now() WHERE family = $1 AND revoked_at IS NULL',
      [family],
    );
  }
}
