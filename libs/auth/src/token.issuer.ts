import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import type { Principal } from './principal.js';
import { type SigningKey, signatureAlgorithm } from './signing-keys.js';

export interface TokenIssuerOptions {
  readonly issuer: string;
  readonly audience: string;
  /** The key that signs at this moment, as `keyRing` chose it. */
  readonly signingKey: () => Promise<SigningKey>;
  /** Life of an access token in seconds; 15 minutes unless stated. */
  readonly lifetimeSeconds?: number;
  readonly clock?: () => Date;
}

/** The media type of our access tokens; a token of any other kind is refused. Source: RFC 9068, 2.1. */
export const tokenType = 'at+jwt';

/** Signs short-lived access tokens. Only ticketing holds one. */
export class TokenIssuer {
  constructor(private readonly options: TokenIssuerOptions) {}

  /** @returns the compact token and its life in seconds. */
  async issue(principal: Principal): Promise<{ accessToken: string; expiresIn: number }> {
    const { issuer, audience, signingKey, lifetimeSeconds = 900, clock = () => new Date() } = this.options;
    const key = await signingKey();
    const now = Math.floor(clock().getTime() / 1000);
    const accessToken = await new SignJWT({
      role: principal.role,
      name: principal.name,
      ...(principal.agentId === undefined ? {} : { agent: principal.agentId }),
    })
      .setProtectedHeader({ alg: signatureAlgorithm, typ: tokenType, kid: key.kid })
      .setSubject(principal.accountId)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(now + lifetimeSeconds)
      .setJti(randomUUID())
      .sign(await importJWK(key.privateJwk, signatureAlgorithm));
    return { accessToken, expiresIn: lifetimeSeconds };
  }
}
