import {
  allowInsecureRequests,
  ClientSecretPost,
  type Configuration,
  discovery,
  None,
  refreshTokenGrant,
  ResponseBodyError,
} from 'openid-client';
import type { Exchange } from '#intake';
import type { OAuthCredentials } from '../accounts.js';

const timeoutSeconds = 30;
/** RFC 6749, 5.1 leaves it open when the answer does not say. */
const unstatedLifeSeconds = 600;

/**
 * Gets access tokens of an OpenID provider for refresh tokens (RFC 6749, 6). Google keeps the refresh token, Microsoft gives another one
 * with each answer while the old one stays good: an exchange without answer may be repeated, only a plain no ends it.
 */
export class TokenExchange {
  private provider: Configuration | undefined;

  constructor(private readonly credentials: OAuthCredentials) {}

  async exchange(refreshToken: string): Promise<Exchange> {
    try {
      this.provider ??= await this.discover();
      const answer = await refreshTokenGrant(this.provider, refreshToken);
      const seconds = answer.expires_in ?? unstatedLifeSeconds;
      return {
        kind: 'exchanged',
        pair: {
          accessToken: answer.access_token,
          accessUntil: new Date(Date.now() + seconds * 1000),
          refreshToken: answer.refresh_token ?? refreshToken,
        },
      };
    } catch (error) {
      const refused = error instanceof ResponseBodyError && error.error === 'invalid_grant';
      return { kind: refused ? 'refused' : 'untouched', detail: describe(error) };
    }
  }

  private async discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.credentials;
    const address = new URL(issuer);
    const isOnThisMachine =
      address.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(address.hostname);
    return await discovery(
      address,
      clientId,
      undefined,
      clientSecret === undefined ? None() : ClientSecretPost(clientSecret),
      { timeout: timeoutSeconds, ...(isOnThisMachine ? { execute: [allowInsecureRequests] } : {}) },
    );
  }
}

/** Without what the provider was sent: its answers may repeat a token. */
function describe(error: unknown): string {
  if (error instanceof ResponseBodyError) return `${error.status} ${error.error}`.slice(0, 200);
  const { code, name } = error as { code?: string; name?: string };
  return (code ?? name ?? 'unknown').slice(0, 200);
}
