import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { callProvider, refusalByStatus } from './provider-call.js';

describe('a request that may have had an effect', () => {
  const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
    '/object': (response) => response.end('{"ok":true}'),
    '/text': (response) => response.writeHead(502).end('Bad Gateway'),
    '/list': (response) => response.end('[1]'),
    '/moved': (response) => response.writeHead(302, { location: '/object' }).end(),
    '/silent': (response) => response.destroy(),
    '/cut': (response) => response.writeHead(200, { 'content-length': '100' }).write('{"ok"', () => response.destroy()),
    '/huge': (response) => response.end('x'.repeat(1_100_000)),
    '/never': () => undefined,
  };
  const server = createServer((request, response) => {
    request.resume().on('end', () => answers[request.url ?? '']?.(response));
  });
  let url: string;
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ['/object', 200, { ok: true }],
    ['/text', 502, undefined],
    ['/list', 200, undefined],
    ['/moved', 302, undefined],
  ])('tells what %s answers', async (path, status, body) => {
    expect(await callProvider(url + path, { body: {} })).toMatchObject({ kind: 'answered', status, body });
  });

  it.each(['/silent', '/cut', '/huge', '/never'])('is uncertain once it has left: %s', async (path) => {
    expect(await callProvider(url + path, { body: { text: 'x' }, signal: AbortSignal.timeout(500) })).toMatchObject({
      kind: 'uncertain',
    });
  });

  it('has surely not left when nobody listens', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    await once(closed.close(), 'close');
    const detail = 'ECONNREFUSED';
    expect(await callProvider(`http://127.0.0.1:${port}/`, { body: {} })).toEqual({
      kind: 'not_sent',
      code: 'connection_refused',
      permanent: false,
      detail,
    });
  });
});

describe('a status alone', () => {
  it.each([
    [302, 'temporarily_rejected', false],
    [400, 'message_rejected', true],
    [401, 'authentication_failed', false],
    [403, 'authentication_failed', false],
    [404, 'message_rejected', true],
    [429, 'too_many_requests', false],
    [503, 'temporarily_rejected', false],
  ])('%i means %s', (status, code, permanent) => {
    const outcome = { kind: 'not_sent', code, permanent, detail: 'x' };
    expect(refusalByStatus({ status, headers: new Headers() }, 'x')).toEqual(outcome);
  });

  it.each([200, 500, 502, 504])('%i leaves it uncertain', (status) => {
    expect(refusalByStatus({ status, headers: new Headers() }, 'x')).toEqual({ kind: 'uncertain', detail: 'x' });
  });

  it.each([
    ['7', 7_000],
    ['0', 0],
    ['soon', undefined],
    ['-1', undefined],
    ['999999', undefined],
  ])('Retry-After %s is %s', (value, retryAfterMs) => {
    const outcome = refusalByStatus({ status: 429, headers: new Headers({ 'retry-after': value }) }, 'x');
    expect('retryAfterMs' in outcome ? outcome.retryAfterMs : undefined).toBe(retryAfterMs);
  });
});
