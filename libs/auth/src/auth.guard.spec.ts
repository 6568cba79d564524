import { Controller, Get, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createService, ServiceModule, type ServiceSettings } from '#http';
import { CurrentUser, Public, Roles } from './access.js';
import { AuthModule } from './auth.module.js';
import type { Principal } from './principal.js';
import { createSigningKey, keyRing, type SigningKey } from './signing-keys.js';
import { TokenIssuer } from './token.issuer.js';

@Roles('admin', 'agent')
@Controller('things')
class ThingController {
  @Get()
  list(@CurrentUser() user: Principal) {
    return user;
  }

  @Public()
  @Get('open')
  open() {
    return { open: true };
  }

  @Roles('admin')
  @Get('secret')
  secret() {
    return { secret: true };
  }
}

@Controller('silent')
class SilentController {
  @Get()
  list() {
    return [];
  }
}

@Module({ controllers: [ThingController, SilentController] })
class ThingModule {}

const settings: ServiceSettings = {
  NODE_ENV: 'test',
  LOG_LEVEL: 'silent',
  INSTANCE: 'one',
  HOST: '127.0.0.1',
  PORT: 0,
  SHUTDOWN_GRACE_MS: 0,
  TRUSTED_PROXIES: [],
};
const names = { issuer: 'phanhoi', audience: 'phanhoi' };
const agent: Principal = { accountId: 'a-1', role: 'agent', name: 'Lê Văn Cường' };
const state = { away: false };
let key: SigningKey;
let app: NestFastifyApplication;

async function start() {
  const fetchKeys = async () => {
    if (state.away) throw new Error('away');
    return keyRing([key], new Date()).published;
  };
  const root = {
    module: ThingModule,
    imports: [ServiceModule.forRoot({ name: 'test', settings }), AuthModule.forRoot({ ...names, fetchKeys })],
  };
  app = await createService({ name: 'test', settings, module: root });
  await app.init();
}

async function call(path: string, authorization?: string) {
  const headers = authorization === undefined ? {} : { authorization };
  const answer = await app.inject({ method: 'GET', url: path, headers });
  const body = answer.json<{ code?: string }>();
  return { status: answer.statusCode, body, code: body.code, challenge: answer.headers['www-authenticate'] };
}

const bearer = async (principal: Principal, lifetimeSeconds = 900) => {
  const issuer = new TokenIssuer({ ...names, lifetimeSeconds, signingKey: async () => key });
  return `Bearer ${(await issuer.issue(principal)).accessToken}`;
};

beforeEach(async () => {
  state.away = false;
  key = await createSigningKey(new Date());
  await start();
});
afterEach(() => app.close());

it('lets a named role through and hands the caller to the route', async () => {
  expect(await call('/things', await bearer(agent))).toMatchObject({ status: 200, body: agent });
});

it('asks no token on a public route, not even a good one', async () => {
  expect(await call('/things/open')).toMatchObject({ status: 200 });
  expect(await call('/things/open', 'Bearer nonsense')).toMatchObject({ status: 200 });
  expect(await call('/health/live')).toMatchObject({ status: 200 });
});

it.each([
  ['no token', undefined, 'token_missing', 'Bearer'],
  ['another scheme', 'Basic YTpi', 'token_missing', 'Bearer'],
  ['two tokens in one header', 'Bearer a.b.c Bearer d.e.f', 'token_missing', 'Bearer'],
  ['no token of ours', 'Bearer a.b.c', 'token_invalid', 'Bearer error="invalid_token"'],
])('answers 401 to %s', async (_, authorization, code, challenge) => {
  expect(await call('/things', authorization)).toMatchObject({ status: 401, code, challenge });
});

it('answers 401 token_expired to an old token', async () => {
  expect(await call('/things', await bearer(agent, -60))).toMatchObject({ status: 401, code: 'token_expired' });
});

it('answers 403 to a role that the route does not name; a method replaces its class', async () => {
  expect(await call('/things/secret', await bearer(agent))).toMatchObject({ status: 403, code: 'forbidden' });
  expect(await call('/things', await bearer({ ...agent, role: 'analyst' }))).toMatchObject({ status: 403 });
});

it('denies a route that states nothing, to every role', async () => {
  expect(await call('/silent', await bearer({ ...agent, role: 'admin' }))).toMatchObject({ status: 403 });
});

it('answers 503, not 401, while the keys cannot be had', async () => {
  state.away = true;
  expect(await call('/things', await bearer(agent))).toMatchObject({ status: 503, code: 'keys_unavailable' });
});
