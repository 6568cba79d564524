import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { Database } from '#postgres';

const windowSeconds = 15 * 60;
/** Failed attempts within the window. The second is high because a whole office may share one address. */
const loginLimits = { account: 20, address: 100 } as const;

export type ThrottleVerdict = { readonly kind: 'allowed' } | { readonly kind: 'wait'; readonly seconds: number };

/** Counts attempts to sign in, for all replicas together. Attempts count before they are checked: parallel guesses gain nothing. */
@Injectable()
export class LoginThrottle {
  private readonly account: RateLimiterPostgres;
  private readonly address: RateLimiterPostgres;

  constructor(private readonly database: Database) {
    const storeClient = {
      query: async (statement: { name: string; text: string; values: unknown[] }) => {
        const rows = await database.query(statement);
        return { rows, rowCount: rows.length };
      },
    };
    const limiter = (keyPrefix: string, points: number) =>
      new RateLimiterPostgres({
        storeClient,
        storeType: 'pool',
        tableName: 'login_throttle',
        tableCreated: true,
        clearExpiredByTimeout: false,
        keyPrefix,
        points,
        duration: windowSeconds,
      });
    this.account = limiter('account', loginLimits.account);
    this.address = limiter('address', loginLimits.address);
  }

  async attempt(email: string, address: string): Promise<ThrottleVerdict> {
    const waits = await Promise.all([take(this.address, address), take(this.account, accountKey(email))]);
    const seconds = Math.max(...waits);
    return seconds === 0 ? { kind: 'allowed' } : { kind: 'wait', seconds };
  }

  /** The attempt was right: the account starts afresh and the address gets its attempt back. */
  async succeeded(email: string, address: string): Promise<void> {
    await Promise.all([this.account.delete(accountKey(email)), this.address.reward(address, 1)]);
  }

  async removeExpired(): Promise<void> {
    await this.database.execute({
      name: 'login_throttle_sweep',
      text: 'DELETE FROM login_throttle WHERE expire < $1',
      values: [Date.now()],
    });
  }
}

/** Hashed: addresses come in any length and the table needs no more personal data. */
function accountKey(email: string): string {
  return createHash('sha256').update(email.toLowerCase()).digest('hex');
}

/** Seconds to wait; 0 when the attempt may go on. */
async function take(limiter: RateLimiterPostgres, key: string): Promise<number> {
  try {
    await limiter.consume(key);
    return 0;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw refusal;
  }
}
