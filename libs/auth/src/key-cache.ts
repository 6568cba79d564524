import { createLocalJWKSet, type JSONWebKeySet, type LocalJWKSet } from 'jose';

/** Fetches the issuer's public keys; rejects when the issuer does not answer. */
export type FetchKeys = () => Promise<JSONWebKeySet>;

const freshForMs = 10 * 60_000;
const usableForMs = 24 * 3_600_000;
/** Unknown key ids are free to invent: without a pause each forged token would cost a fetch. */
const pauseMs = { withKeys: 5_000, withoutKeys: 1_000 };

/** Keys by URL, for services other than the issuer. Redirects are refused: the address is configuration. */
export function fetchKeysFrom(url: string, timeoutMs = 3_000): FetchKeys {
  return async () => {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new Error(`the issuer's keys answered ${response.status}`);
    const body = (await response.json()) as Partial<JSONWebKeySet>;
    if (!Array.isArray(body.keys)) throw new Error("the issuer's keys are not a JSON Web Key Set");
    return { keys: body.keys };
  };
}

/**
 * Holds the issuer's keys: fetched at first use, refreshed in the background after ten minutes, used up to 24 hours when the issuer
 * does not answer, fetched anew for an unknown key id.
 */
export class KeyCache {
  private held: { keys: LocalJWKSet; ids: ReadonlySet<string>; at: number } | undefined;
  private underWay: Promise<void> | undefined;
  private triedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly fetchKeys: FetchKeys,
    private readonly clock: () => number,
  ) {}

  /** The keys to judge a token with, or undefined when none may be used now. */
  async keysFor(kid: string | undefined): Promise<LocalJWKSet | undefined> {
    const known = this.usable();
    if (known === undefined || (kid !== undefined && !known.ids.has(kid))) await this.refresh();
    else if (this.clock() - known.at > freshForMs) void this.refresh();
    return this.usable()?.keys;
  }

  private usable() {
    return this.held !== undefined && this.clock() - this.held.at <= usableForMs ? this.held : undefined;
  }

  private refresh(): Promise<void> {
    if (this.underWay !== undefined) return this.underWay;
    const pause = this.usable() === undefined ? pauseMs.withoutKeys : pauseMs.withKeys;
    if (this.clock() - this.triedAt < pause) return Promise.resolve();
    this.triedAt = this.clock();
    this.underWay = this.fetchKeys()
      .then(
        (set) => {
          const ids = new Set(set.keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid])));
          this.held = { keys: createLocalJWKSet(set), ids, at: this.clock() };
        },
        // Expected while the issuer is away: what is held stays in use; with nothing held the caller answers 503.
        () => undefined,
      )
      .finally(() => {
        this.underWay = undefined;
      });
    return this.underWay;
  }
}
