import { assertRoutesDeclareAccess, listRouteAccess, TokenVerifier } from '#auth';
import { accounts, ApiUnderTest } from './api-under-test.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

const post = (path: string, body: unknown, headers?: Record<string, string>) =>
  api.call({ method: 'POST', url: `/api/v1/auth/${path}`, body, ...(headers === undefined ? {} : { headers }) });
const signIn = async () =>
  (await post('token', accounts.agent && { email: accounts.agent.email, password: accounts.agent.password })).body;

describe('signing in', () => {
  it('gives tokens that others can check with the published keys alone', async () => {
    const { status, body, headers } = await post('token', {
      email: 'Agent@Example.VN',
      password: accounts.agent.password,
    });
    expect({
      status,
      keys: Object.keys(body).sort(),
      expiresIn: body.expiresIn,
      cache: headers['cache-control'],
    }).toEqual({
      status: 200,
      keys: ['accessToken', 'expiresIn', 'refreshToken'],
      expiresIn: 900,
      cache: 'no-store',
    });
    const verifier = new TokenVerifier({
      issuer: 'phanhoi',
      audience: 'phanhoi',
      fetchKeys: async () => (await api.call({ url: '/.well-known/jwks.json' })).body as never,
    });
    const principal = await verifier.verify(String(body.accessToken));
    expect(principal).toEqual({
      accountId: principal.accountId,
      agentId: principal.accountId,
      role: 'agent',
      name: 'Nguyễn Thị Hoa',
    });
  });

  it('publishes no private part of a key', async () => {
    const { body } = await api.call({ url: '/.well-known/jwks.json' });
    const keys = body.keys as object[];
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x']]);
  });

  it.each([
    ['a wrong password', { email: accounts.admin.email, password: 'wrong' }],
    ['an unknown address', { email: 'nobody@example.vn', password: accounts.admin.password }],
  ])('answers %s in the same words', async (_, body) => {
    const answer = await post('token', body);
    expect([answer.status, answer.body.code]).toEqual([401, 'credentials_wrong']);
  });

  it('is throttled per account, also for parallel guesses, with Retry-After; a right password then has to wait too', async () => {
    const guess = { email: accounts.analyst.email, password: 'wrong' };
    const answers = await Promise.all(Array.from({ length: 24 }, () => post('token', guess)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    const right = await post('token', { email: accounts.analyst.email, password: accounts.analyst.password });
    expect([right.status, right.body.code]).toEqual([429, 'too_many_attempts']);
    expect(Number(right.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('is throttled per address over many accounts', async () => {
    const from = { 'x-forwarded-for': '203.0.113.9' };
    const statuses = new Set<number>();
    for (let index = 0; index < 101; index += 1) {
      statuses.add((await post('token', { email: `a${index}@example.vn`, password: 'x' }, from)).status);
    }
    expect([...statuses]).toEqual([401, 429]);
  });
});

describe('a refresh token', () => {
  it('is good once; the next one goes on; the second use of the first ends the session and is audited', async () => {
    const first = await signIn();
    const second = await post('refresh', { refreshToken: first.refreshToken });
    expect(second.status).toBe(200);
    const third = await post('refresh', { refreshToken: second.body.refreshToken });
    expect(third.status).toBe(200);
    const reused = await post('refresh', { refreshToken: first.refreshToken });
    expect([reused.status, reused.body.code]).toEqual([401, 'refresh_token_reused']);
    const after = await post('refresh', { refreshToken: third.body.refreshToken });
    expect([after.status, after.body.code]).toEqual([401, 'refresh_token_invalid']);
    const audit = await api.call({ url: '/api/v1/audit?action=refresh_token_reused', as: 'admin' });
    expect(audit.body.items).toHaveLength(1);
  });

  it('used twice at the same moment is taken for stolen', async () => {
    const { refreshToken } = await signIn();
    const answers = await Promise.all([post('refresh', { refreshToken }), post('refresh', { refreshToken })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  it('is worth nothing after signing out, and signing out twice is quiet', async () => {
    const { refreshToken } = await signIn();
    expect((await post('logout', { refreshToken })).status).toBe(204);
    expect((await post('logout', { refreshToken })).status).toBe(204);
    expect((await post('refresh', { refreshToken })).body.code).toBe('refresh_token_invalid');
  });

  it('is stored as a hash only', async () => {
    const { refreshToken } = await signIn();
    const rows = await api.db.database.query({ name: 'all_tokens', text: 'SELECT * FROM refresh_tokens' });
    expect(JSON.stringify(rows)).not.toContain(String(refreshToken));
  });
});

it('keys are shared: a token of one replica is good at another', async () => {
  const other = await ApiUnderTest.replica(api.db, api.storeDir);
  const headers = { authorization: `Bearer ${await api.token('admin')}` };
  const answer = await other.inject({ url: '/api/v1/tickets', headers });
  await other.close();
  expect(answer.statusCode).toBe(200);
});

it('every route states its roles or is public, and the public ones are these', () => {
  assertRoutesDeclareAccess(api.app);
  const open = listRouteAccess(api.app).filter(({ access }) => access !== undefined && 'public' in access);
  expect(open.map(({ route }) => route)).toEqual([
    'GET /.well-known/jwks.json',
    'GET /health/live',
    'GET /health/ready',
    'GET /metrics',
    'POST /api/v1/auth/logout',
    'POST /api/v1/auth/refresh',
    'POST /api/v1/auth/token',
  ]);
});
