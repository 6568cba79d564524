import { once } from 'node:events';
import { connect } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import { aFeedback } from '#testing';
import { ApiUnderTest, type Call } from './api-under-test.js';

let api: ApiUnderTest;
let number: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  number = await api.receive(aFeedback());
  await api.app.listen(0, '127.0.0.1');
});
afterAll(() => api.close());

/** Every refusal is a problem with a stable code and no word of our insides. */
async function refused(call: Call) {
  const answer = await api.call({ as: 'supervisor', ...call });
  expect(answer.status).toBeLessThan(500);
  expect(String(answer.headers['content-type'])).toContain('application/problem+json');
  expect(answer.text).not.toMatch(/select|node_modules|syntax error|\bat \//i);
  const errors = answer.body.errors as { field: string }[] | undefined;
  return [answer.status, answer.body.code, errors?.[0]?.field];
}

describe('questions of a list', () => {
  it.each([
    ['limit=1e9', 400, 'validation_failed', 'limit'],
    ['limit=1000000000', 400, 'validation_failed', 'limit'],
    ['limit=0', 400, 'validation_failed', 'limit'],
    ['limit=-1', 400, 'validation_failed', 'limit'],
    ['limit=1.5', 400, 'validation_failed', 'limit'],
    ['limit=ten', 400, 'validation_failed', 'limit'],
    ['limit=1&limit=2', 400, 'validation_failed', 'limit'],
    ['sort=number;DROP TABLE tickets', 400, 'validation_failed', 'sort'],
    ['sort=(select pg_sleep(10))', 400, 'validation_failed', 'sort'],
    ['sort=password_hash', 400, 'validation_failed', 'sort'],
    ["status=new' OR '1'='1", 400, 'validation_failed', 'status'],
    ['status[$ne]=new', 400, 'validation_failed', 'status[$ne]'],
    ["customer=1' OR 1=1 --", 400, 'validation_failed', 'customer'],
    ["team=none' OR 1=1", 400, 'validation_failed', 'team'],
    ['from=0001-01-01', 400, 'validation_failed', 'from'],
    ['from=0001-01-01T00:00:00Z', 400, 'validation_failed', 'from'],
    ['to=9999-12-31T23:59:59Z', 400, 'validation_failed', 'to'],
    ['to=2026-02-31', 400, 'validation_failed', 'to'],
    ['from=2026-11-22T10:00:00[Mars/Phobos]', 400, 'validation_failed', 'from'],
    ['from=2026-01-01&from=2026-01-02', 400, 'validation_failed', 'from'],
    ['q=x', 400, 'validation_failed', 'q'],
    [`q=${'a'.repeat(201)}`, 400, 'validation_failed', 'q'],
    ['cursor=AAAA.BBBB', 400, 'cursor_invalid', 'cursor'],
    [`cursor=${'A'.repeat(501)}`, 400, 'validation_failed', 'cursor'],
    ['cursor=', 400, 'cursor_invalid', 'cursor'],
    ['is_admin=true', 400, 'validation_failed', 'is_admin'],
    ['q=%00%00', 400, 'validation_failed', 'q'],
  ])('%s is refused: %s %s of %s', async (query, status, code, field) => {
    const encoded = query.replace(/[ '();$[\]]/g, (sign) => encodeURIComponent(sign));
    expect(await refused({ url: `/api/v1/tickets?${encoded}` })).toEqual([status, code, field]);
  });

  it.each(["'; DROP TABLE tickets; --", '%_\\%', "a' & b | !c <-> :*", '((((', '"unclosed', 'ﷺﷺ', '-- --', "\\'"])(
    'the words %j are searched for and nothing else',
    async (q) => {
      const answer = await api.call({ url: `/api/v1/tickets?q=${encodeURIComponent(q)}`, as: 'supervisor' });
      expect([answer.status, answer.body.items]).toEqual([200, []]);
      const customers = await api.call({ url: `/api/v1/customers?q=${encodeURIComponent(q)}`, as: 'supervisor' });
      expect([customers.status, customers.body.items]).toEqual([200, []]);
      const organizations = await api.call({
        url: `/api/v1/organizations?q=${encodeURIComponent(q)}`,
        as: 'supervisor',
      });
      expect(organizations.status).toBe(200);
    },
  );
});

it('a question cannot reach the prototypes of our objects', async () => {
  const answer = await api.call({ url: '/api/v1/tickets?__proto__=x&__proto__[role]=admin', as: 'supervisor' });
  expect(answer.status).toBeLessThan(500);
  expect(({} as Record<string, unknown>).role).toBeUndefined();
});

describe('bodies', () => {
  const notes = () => `/api/v1/tickets/${number}/notes`;
  const headers = { 'idempotency-key': 'hostile' };
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;

  it.each([
    ['no JSON', '{', 400, 'invalid_json'],
    ['nothing', '', 400, 'invalid_json'],
    ['JSON 10,000 deep', deep, 400, 'json_too_deep'],
    ['a text 10,000 deep', `{"text":${deep}}`, 400, 'json_too_deep'],
    ['__proto__', '{"text":"x","__proto__":{"role":"admin"}}', 400, 'invalid_json'],
    ['constructor.prototype', '{"text":"x","constructor":{"prototype":{"role":"admin"}}}', 400, 'invalid_json'],
    ['1e999', '{"text":1e999}', 400, 'validation_failed'],
    ['a list', '[{"text":"x"}]', 400, 'validation_failed'],
    ['null', 'null', 400, 'validation_failed'],
    ['a number', '7', 400, 'validation_failed'],
    ['a text alone', '"x"', 400, 'validation_failed'],
    ['a field that nobody may set', '{"text":"x","agentId":"me"}', 400, 'validation_failed'],
    ['2 MB', JSON.stringify({ text: 'x'.repeat(2_000_000) }), 413, 'body_too_large'],
  ])('%s is refused', async (_, body, status, code) => {
    expect((await refused({ method: 'POST', url: notes(), body, headers })).slice(0, 2)).toEqual([status, code]);
  });

  it.each([
    ['form data', { 'content-type': 'application/x-www-form-urlencoded' }, 'text=x'],
    ['XML', { 'content-type': 'application/xml' }, '<text/>'],
    ['a multipart body', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--'],
  ])('%s is answered with 415', async (_, type, body) => {
    const answer = await refused({ method: 'POST', url: notes(), body, headers: { ...headers, ...type } });
    expect(answer.slice(0, 2)).toEqual([415, 'unsupported_media_type']);
  });

  it('of duplicate keys: the last one counts, as JSON.parse says', async () => {
    const body = '{"text":"một","text":"hai"}';
    const answer = await api.call({
      method: 'POST',
      url: notes(),
      as: 'supervisor',
      body,
      headers: { 'idempotency-key': 'dup' },
    });
    expect(answer.status).toBe(201);
    const ticket = await api.call({ url: `/api/v1/tickets/${number}`, as: 'supervisor' });
    expect((ticket.body.notes as { text: string }[]).at(-1)?.text).toBe('hai');
  });

  it('a compressed bomb is not unpacked', async () => {
    const answer = await api.app.inject({
      method: 'POST',
      url: notes(),
      headers: {
        ...headers,
        authorization: `Bearer ${await api.token('supervisor')}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      payload: gzipSync(Buffer.alloc(50_000_000, 'a')),
    });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'invalid_json']);
  });

  it.each([
    ['shorter than the body', 5],
    ['longer than the body', 5000],
  ])('with a Content-Length %s change nothing, and the next caller is served', async (_, length) => {
    const socket = connect((api.app.getHttpServer() as { address(): { port: number } }).address().port, '127.0.0.1');
    await once(socket, 'connect');
    const token = await api.token('supervisor');
    const before = (await api.call({ url: `/api/v1/tickets/${number}`, as: 'supervisor' })).headers.etag;
    socket.on('error', () => undefined);
    socket.write(
      `POST ${notes()} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nIdempotency-Key: lie\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n{"text":"nói dối"}`,
    );
    if (length > 100) socket.end();
    socket.resume();
    await once(socket, 'close');
    const after = await api.call({ url: `/api/v1/tickets/${number}`, as: 'supervisor' });
    expect([after.status, after.headers.etag]).toEqual([200, before]);
  });
});

describe('headers and addresses', () => {
  it.each([
    ['DELETE', '/api/v1/tickets', 404],
    ['GET', '/api/v1/nothing', 404],
    ['GET', '/api/v1/tickets/../../etc/passwd', 404],
    ['GET', '/api/v1/customers/1', 400],
    ['GET', "/api/v1/customers/'%20OR%201=1", 400],
    ['GET', '/api/v1/messages/x/original', 400],
  ] as const)('%s %s is a problem, not a crash', async (method, url, status) => {
    expect((await refused({ method, url }))[0]).toBe(status);
  });

  it.each(['Bearer', 'Bearer ', 'Bearer \u00e9', `Bearer ${'a'.repeat(10_000)}`, 'Bearer eyJhbGciOiJub25lIn0.e30.'])(
    'the authorization %.40s is 401',
    async (authorization) => {
      const answer = await api.call({ url: '/api/v1/tickets', headers: { authorization } });
      expect(answer.status).toBe(401);
    },
  );
});

it('no probe of a regular expression blocks the event loop', async () => {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const long = 'a'.repeat(8_000);
  const probes: Call[] = [
    { url: `/api/v1/tickets/${'A'.repeat(400)}-${'9'.repeat(80)}` },
    { url: `/api/v1/tickets?team=${'0'.repeat(7_000)}` },
    { url: `/api/v1/tickets?from=2026-11-22T10:00:00.${'1'.repeat(7_000)}` },
    { url: `/api/v1/tickets/${number}`, method: 'PATCH', body: {}, headers: { 'if-match': `${' '.repeat(7_000)}"` } },
    { url: '/api/v1/auth/token', method: 'POST', body: { email: `${long}@${long}.${long}`, password: 'x' } },
    { url: '/api/v1/organizations', method: 'POST', body: { name: 'x', domains: [`${'a-'.repeat(4_000)}.`] } },
    { url: '/api/v1/customers', method: 'POST', body: { name: 'x', language: `vi${'-aaaaaaaa'.repeat(1_000)}!` } },
    {
      url: '/api/v1/customers',
      method: 'POST',
      body: { name: 'x', identities: [{ kind: 'email', value: `${long}@` }] },
    },
    {
      url: `/api/v1/tickets/${number}`,
      method: 'PATCH',
      body: { tags: [`${'a '.repeat(4_000)}<`] },
      headers: { 'if-match': '"1"' },
    },
  ];
  for (const probe of probes) await refused(probe);
  delay.enable();
  for (const probe of probes) await refused(probe);
  delay.disable();
  // The bar is 50 ms; room is left for a machine that runs other things beside.
  expect(delay.max / 1e6).toBeLessThan(250);
});
