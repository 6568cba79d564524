import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { type Role, roles } from '#contracts';
import { type FetchKeys, KeyCache } from './key-cache.js';
import type { Principal } from './principal.js';
import { signatureAlgorithm } from './signing-keys.js';
import { tokenType } from './token.issuer.js';

export type TokenErrorCode = 'token_invalid' | 'token_expired' | 'keys_unavailable';

/** Why a token was not accepted; never says which check failed beyond "expired". */
export class TokenError extends Error {
  constructor(readonly code: TokenErrorCode) {
    super(code);
  }
}

export interface TokenVerifierOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly fetchKeys: FetchKeys;
  readonly clock?: () => Date;
}

function isRole(value: unknown): value is Role {
  return (roles as readonly unknown[]).includes(value);
}

/** Checks access tokens of the one issuer. Fetches nothing until the first token comes. */
export class TokenVerifier {
  private readonly keys: KeyCache;
  private readonly clock: () => Date;

  constructor(private readonly options: TokenVerifierOptions) {
    this.clock = options.clock ?? (() => new Date());
    this.keys = new KeyCache(options.fetchKeys, () => this.clock().getTime());
  }

  /** @throws TokenError */
  async verify(token: string): Promise<Principal> {
    const keys = await this.keys.keysFor(keyId(token));
    if (keys === undefined) throw new TokenError('keys_unavailable');
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [signatureAlgorithm],
      typ: tokenType,
      issuer: this.options.issuer,
      audience: this.options.audience,
      requiredClaims: ['sub', 'exp', 'iat', 'role'],
      clockTolerance: 5,
      currentDate: this.clock(),
    }).catch((error: unknown) => {
      if (error instanceof errors.JWTExpired) throw new TokenError('token_expired');
      if (error instanceof errors.JOSEError) throw new TokenError('token_invalid');
      throw error;
    });
    const { sub, role, name, agent } = payload;
    if (sub === undefined || !isRole(role)) throw new TokenError('token_invalid');
    return {
      accountId: sub,
      role,
      name: typeof name === 'string' ? name : '',
      ...(typeof agent === 'string' ? { agentId: agent } : {}),
    };
  }
}

function keyId(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid;
  } catch {
    throw new TokenError('token_invalid');
  }
}
