import { hash } from 'node:crypto';
import { type Database, Lease } from '#postgres';

/** `refreshing`: somebody exchanges it, or died doing so. `retrying`: the same, after that. `reauthorize`: a person must sign in. */
export type TokenState = 'ready' | 'refreshing' | 'retrying' | 'reauthorize';

export interface NewPair {
  readonly accessToken: string;
  readonly accessUntil: Date;
  readonly refreshToken: string;
}

export interface TokenPair extends Omit<NewPair, 'accessToken'> {
  readonly accessToken: string | null;
  readonly state: TokenState;
}

/** Longer than an exchange can take. */
const leaseMs = 60_000;

/** Pairs of an access token and the single-use token that gets the next pair, by account. */
export class TokenPairRepository {
  constructor(
    private readonly database: Database,
    private readonly instance: string,
  ) {}

  /** The right to exchange the pair of an account. */
  lease(account: string): Lease {
    const { database, instance } = this;
    return new Lease({ database, name: `token:${account}`, holder: instance, durationMs: leaseMs });
  }

  /** Takes a configured token over, once: a replica that still has an old one must not bring it back. */
  async configure(account: string, refreshToken: string): Promise<void> {
    await this.database.query({
      name: 'configure-token-pair',
      text: `insert into token_pair (account, access_until, refresh_token, state, configured)
             values ($1, 'epoch', $2, 'ready', array[$3])
             on conflict (account) do update
               set access_token = null, access_until = 'epoch', refresh_token = excluded.refresh_token, state = 'ready',
                   configured = token_pair.configured || excluded.configured, updated_at = clock_timestamp()
               where not token_pair.configured @> excluded.configured`,
      values: [account, refreshToken, hash('sha256', refreshToken)],
    });
  }

  async find(account: string): Promise<TokenPair | undefined> {
    const [pair] = await this.database.query<TokenPair>({
      name: 'find-token-pair',
      text: `select access_token as "accessToken", access_until as "accessUntil", refresh_token as "refreshToken", state
             from token_pair where account = $1`,
      values: [account],
    });
    return pair;
  }

  /** @throws LeaseLostError when another has taken the exchange over. */
  async mark(account: string, state: TokenState, lease: Lease): Promise<void> {
    await this.database.transaction(async (tx) => {
      await lease.assertHeld(tx);
      await tx.execute(
        'mark-token-pair',
        `update token_pair set state = $2, updated_at = clock_timestamp() where account = $1`,
        [account, state],
      );
    });
  }

  /**
   * The new pair in the place of the one that was exchanged for it. Checked by that, not by the lease: who got a pair holds
   * the only good one, whatever others have concluded meanwhile.
   */
  async replace(
    account: string,
    exchanged: string,
    { accessToken, accessUntil, refreshToken }: NewPair,
  ): Promise<void> {
    await this.database.query({
      name: 'replace-token-pair',
      text: `update token_pair set access_token = $3, access_until = $4, refresh_token = $5, state = 'ready', updated_at = clock_timestamp()
             where account = $1 and refresh_token = $2`,
      values: [account, exchanged, accessToken, accessUntil, refreshToken],
    });
  }

  /** The network does not take this access token any more. */
  async expire(account: string, accessToken: string): Promise<void> {
    await this.database.query({
      name: 'expire-token-pair',
      text: `update token_pair set access_until = 'epoch', updated_at = clock_timestamp() where account = $1 and access_token = $2`,
      values: [account, accessToken],
    });
  }
}
