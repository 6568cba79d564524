import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

const clientId = 'phanhoi-mail';
const clientSecret = 'the secret of a registered application';
const scope = 'openid offline_access';

/** A real OpenID provider on this machine, whose consent of a person has been given already. It gives a new refresh token with each use. */
export class SignInProvider {
  /** Exchanges that it has answered with tokens. */
  exchanges = 0;

  private constructor(
    readonly issuer: string,
    private readonly provider: Provider,
    private readonly server: Server,
  ) {
    provider.on('grant.success', () => (this.exchanges += 1));
  }

  static async start(): Promise<SignInProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          token_endpoint_auth_method: 'client_secret_post',
          grant_types: ['authorization_code', 'refresh_token'],
          redirect_uris: ['http://127.0.0.1/signed-in'],
        },
      ],
      features: { devInteractions: { enabled: false } },
      findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
      rotateRefreshToken: true,
      ttl: { AccessToken: 3_600, RefreshToken: 86_400, Grant: 86_400, IdToken: 3_600 },
    });
    const answer = provider.callback();
    server.on('request', (request, response) => void answer(request, response));
    return new SignInProvider(issuer, provider, server);
  }

  /** What config/channels.yaml holds after somebody has signed in. */
  async credentials(user: string) {
    const client = await this.provider.Client.find(clientId);
    if (client === undefined) throw new Error('the application is not registered');
    const grant = new this.provider.Grant({ accountId: user, clientId });
    grant.addOIDCScope(scope);
    const grantId = await grant.save();
    const token = new this.provider.RefreshToken({
      accountId: user,
      client,
      grantId,
      gty: 'authorization_code',
      scope,
      authTime: Math.floor(Date.now() / 1000),
      expiresWithSession: false,
    });
    return { user, issuer: this.issuer, clientId, clientSecret, refreshToken: await token.save() };
  }

  /** Whom it gave the access token to; undefined when it did not. */
  async ownerOf(accessToken: string): Promise<string | undefined> {
    return (await this.provider.AccessToken.find(accessToken))?.accountId;
  }

  async revoke(accessToken: string): Promise<void> {
    await (await this.provider.AccessToken.find(accessToken))?.destroy();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
