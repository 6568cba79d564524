import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSigningKey, keyRing, TokenIssuer } from '#auth';
import type { Role } from '#contracts';

/** Plays the one issuer of access tokens, for services that only check them. */
export async function issueTokens() {
  const key = await createSigningKey(new Date());
  const issuer = new TokenIssuer({ issuer: 'phanhoi', audience: 'phanhoi', signingKey: async () => key });
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(keyRing([key], new Date()).published));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    issue: async (role: Role) => (await issuer.issue({ accountId: 'someone', role, name: 'Ai đó' })).accessToken,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
