import { failpoint } from '#env';
import { gauge, type Logger } from '#observability';
import type { Lease } from '#postgres';
import type { NewPair, TokenPair, TokenPairRepository } from './token-pair.repository.js';

/** What became of an exchange. `untouched`: the token was surely not used. `unknown`: it may have been. */
export type Exchange =
  | { readonly kind: 'exchanged'; readonly pair: NewPair }
  | { readonly kind: 'refused' | 'untouched' | 'unknown'; readonly detail: string };

type Access =
  | { readonly kind: 'token'; readonly token: string }
  /** Another replica exchanges, or the network did not answer: soon. */
  | { readonly kind: 'later'; readonly detail: string }
  /** A person must sign in for the account and configure the token that he gets. */
  | { readonly kind: 'reauthorize' };

/** Pairs of tokens, each got for the one before. */
export interface TokenChain {
  readonly account: string;
  /** As configured: where the chain begins. */
  readonly refreshToken: string;
  readonly exchange: (refreshToken: string) => Promise<Exchange>;
}

interface TokenParts extends TokenChain {
  readonly repository: TokenPairRepository;
  readonly logger: Logger;
}

const needed = gauge({
  name: 'phanhoi_reauthorization_needed',
  help: '1: somebody must sign in for the account again and configure its new refresh token, nothing leaves by it meanwhile',
  labelNames: ['account'],
});

/** An answer must be able to leave with it. */
const usableForMs = 60_000;
/** Exchanged this long before it ends, so that no answer waits for it. */
const keptForMs = 3_600_000;

/**
 * The access token of an account, got for its refresh token, which may be good for one use only: exchanged by one replica of all, and
 * never lost by a crash alone.
 */
export class AccessTokens {
  private configured = false;
  private rejected: string | undefined;
  private refreshing: Promise<Access> | undefined;
  private unsaved: { readonly exchanged: string; readonly pair: NewPair } | undefined;

  constructor(private readonly parts: TokenParts) {}

  async access(): Promise<Access> {
    const pair = await this.load();
    if (pair.accessToken !== null && lasts(pair, usableForMs)) return { kind: 'token', token: pair.accessToken };
    return pair.state === 'reauthorize' ? { kind: 'reauthorize' } : await this.refresh(usableForMs);
  }

  /** Exchanges in time, also when nothing is sent: refresh tokens end too. */
  async keep(): Promise<void> {
    const pair = await this.load();
    if (pair.state !== 'reauthorize' && !lasts(pair, keptForMs)) await this.refresh(keptForMs);
  }

  /** The network did not take this access token. */
  reject(accessToken: string): void {
    this.rejected = accessToken;
  }

  private async load(): Promise<TokenPair> {
    const { account, repository, refreshToken } = this.parts;
    await this.save();
    if (!this.configured) {
      await repository.configure(account, refreshToken);
      this.configured = true;
    }
    if (this.rejected !== undefined) {
      await repository.expire(account, this.rejected);
      this.rejected = undefined;
    }
    const pair = await repository.find(account);
    if (pair === undefined) throw new Error(`the token pair of ${account} is gone`);
    needed.set({ account }, pair.state === 'reauthorize' ? 1 : 0);
    return pair;
  }

  /** A new pair exists nowhere else until it is written: it is kept until that has succeeded. */
  private async save(): Promise<void> {
    if (this.unsaved === undefined) return;
    const { exchanged, pair } = this.unsaved;
    await this.parts.repository.replace(this.parts.account, exchanged, pair);
    this.unsaved = undefined;
  }

  private async refresh(forMs: number): Promise<Access> {
    this.refreshing ??= this.refreshAlone(forMs).finally(() => (this.refreshing = undefined));
    return await this.refreshing;
  }

  private async refreshAlone(forMs: number): Promise<Access> {
    const { account, repository } = this.parts;
    const lease = repository.lease(account);
    if (!(await lease.acquire())) return { kind: 'later', detail: 'another replica exchanges the token' };
    try {
      const pair = await this.load();
      if (pair.accessToken !== null && lasts(pair, forMs)) return { kind: 'token', token: pair.accessToken };
      if (pair.state === 'reauthorize') return { kind: 'reauthorize' };
      // Who wrote that it refreshes has died, or was never answered: the old token is tried once more, then no more.
      if (pair.state === 'retrying') return await this.giveUp(lease, 'what became of it is unknown, twice');
      await repository.mark(account, pair.state === 'refreshing' ? 'retrying' : 'refreshing', lease);
      failpoint('token_refreshing');
      const outcome = await this.parts.exchange(pair.refreshToken);
      failpoint('token_exchanged');
      switch (outcome.kind) {
        case 'exchanged':
          this.unsaved = { exchanged: pair.refreshToken, pair: outcome.pair };
          await this.save();
          return { kind: 'token', token: outcome.pair.accessToken };
        case 'refused':
          return await this.giveUp(lease, outcome.detail);
        case 'untouched':
          await repository.mark(account, pair.state, lease);
          return { kind: 'later', detail: outcome.detail };
        case 'unknown':
          return { kind: 'later', detail: outcome.detail };
      }
    } finally {
      await lease.release();
    }
  }

  private async giveUp(lease: Lease, detail: string): Promise<Access> {
    const { account, repository, logger } = this.parts;
    await repository.mark(account, 'reauthorize', lease);
    needed.set({ account }, 1);
    logger.error(
      { account, detail },
      'the refresh token is not good any more: somebody must sign in for this account again',
    );
    return { kind: 'reauthorize' };
  }
}

function lasts({ accessUntil }: TokenPair, ms: number): boolean {
  return accessUntil.getTime() - Date.now() > ms;
}
