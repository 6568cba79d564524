import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createSigningKey, TokenIssuer } from '#auth';
import { ApiUnderTest } from './api-under-test.js';

/** The address of a database that is not there. */
const nowhere = { url: 'postgres://nobody:x@127.0.0.1:1/none' } as never;
let app: NestFastifyApplication;
beforeAll(async () => {
  app = await ApiUnderTest.replica(nowhere, '/nonexistent');
});
afterAll(() => app.close());

const problem = async (options: {
  method?: 'POST';
  url: string;
  headers?: Record<string, string>;
  payload?: object;
}) => {
  const answer = await app.inject(options);
  const { code } = answer.json<{ code: string }>();
  return [answer.statusCode, code, Number(answer.headers['retry-after']) > 0];
};

it('the API starts, lives, and says 503 with Retry-After instead of 500', async () => {
  expect((await app.inject('/health/live')).statusCode).toBe(200);
  const signIn = { method: 'POST', url: '/api/v1/auth/token', payload: { email: 'a@b.vn', password: 'x' } } as const;
  expect(await problem(signIn)).toEqual([503, 'unavailable', true]);
  expect(await problem({ url: '/.well-known/jwks.json' })).toEqual([503, 'unavailable', true]);
});

it('a token is neither taken nor called invalid while the keys cannot be had', async () => {
  const key = await createSigningKey(new Date());
  const issuer = new TokenIssuer({ issuer: 'phanhoi', audience: 'phanhoi', signingKey: async () => key });
  const { accessToken } = await issuer.issue({ accountId: 'x', role: 'admin', name: 'x' });
  const headers = { authorization: `Bearer ${accessToken}` };
  expect(await problem({ url: '/api/v1/tickets', headers })).toEqual([503, 'keys_unavailable', true]);
});
