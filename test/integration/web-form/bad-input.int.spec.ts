import { readdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { badJson } from './bad-json.cases.js';
import { badMultipart, image, multipart, multipartType, png } from './bad-multipart.cases.js';
import { type ServiceUnderTest, startService } from './service-under-test.js';

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly fields: readonly string[];
}

const json = { 'content-type': 'application/json' };
const message = JSON.stringify({ message: 'x' });

describe('bad input', () => {
  let service: ServiceUnderTest;
  let port: number;
  beforeAll(async () => {
    service = await startService();
    await service.app.listen(0, '127.0.0.1');
    port = Number(new URL(await service.app.getUrl()).port);
  }, 60_000);
  afterAll(() => service.close());

  /** Over a real connection: what a parser does with half a body is seen nowhere else. */
  function send(
    body: Buffer | string,
    headers: Record<string, string>,
    path = '/api/v1/feedback',
    method = 'POST',
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const problem = (text.startsWith('{"') ? JSON.parse(text) : {}) as {
            code?: string;
            errors?: { field: string }[];
          };
          resolve({
            status: response.statusCode ?? 0,
            code: problem.code,
            fields: (problem.errors ?? []).map((error) => error.field),
          });
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  it.each([...badJson, ...badMultipart])('answers %s', async (_, body, headers, status, code, fields) => {
    expect(await send(body, headers)).toEqual({ status, code, fields });
  });

  it('keeps no file of what it refused', async () => {
    const before = await filesInStore();
    const bytes = Buffer.concat([png, Buffer.from(String(Math.random()))]);
    expect((await send(multipart(image('a.png', bytes)), multipartType)).fields).toEqual(['message']);
    expect(await filesInStore()).toEqual(before);
  });

  it.each([
    [
      'more bytes stated than sent',
      'POST /api/v1/feedback HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{}',
    ],
    [
      'more bytes stated than sent, multipart',
      `POST /api/v1/feedback HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=XyZ\r\nContent-Length: 5000\r\n\r\n${multipart(['message', 'x']).toString()}`,
    ],
    [
      'fewer bytes stated than sent',
      'POST /api/v1/feedback HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}{"message":"smuggled"}',
    ],
    ['two lengths', 'POST /api/v1/feedback HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
    [
      'length and chunks',
      'POST /api/v1/feedback HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
  ])('survives %s', async (_, bytes) => {
    const answer = await raw(bytes);
    expect(answer).not.toMatch(/^HTTP\/1.1 (2|5)/);
    expect((await send(message, json)).status).toBe(202);
  });

  it.each([
    ['GET', '/forms/nowhere', 404],
    ['GET', '/forms/..%2f..%2fetc%2fpasswd', 404],
    ['GET', `/forms/${'x'.repeat(600)}`, 414],
    ['GET', '/forms/%ff', 400],
    ['GET', '/widget.js?form=__proto__', 200],
    ['GET', '/widget.js?form=a&form=b', 200],
    ['DELETE', '/api/v1/feedback', 404],
    ['POST', '/forms/nowhere', 404],
  ])('answers %s %s with %d', async (method, path, status) => {
    const headers: Record<string, string> =
      method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
    expect((await send(method === 'POST' ? 'message=x' : '', headers, path, method)).status).toBe(status);
  });

  it('blocks its event loop for less than 50 ms by the largest bodies that it takes', async () => {
    const bodies = [
      JSON.stringify({ message: '\u0001'.repeat(20_000) }),
      JSON.stringify({ message: 'x', fields: { a: '<'.repeat(2000) } }),
      '{'.repeat(131_072),
    ];
    let longest = 0;
    let last = performance.now();
    const ticker = setInterval(() => {
      longest = Math.max(longest, performance.now() - last - 5);
      last = performance.now();
    }, 5);
    for (const body of bodies) expect((await send(body, json)).status).toBeLessThan(500);
    clearInterval(ticker);
    // A measure of our code, not of a busy machine: ten times the bar would still show a pattern that explodes.
    expect(longest).toBeLessThan(500);
  });

  async function filesInStore(): Promise<string[]> {
    const entries = await readdir(service.storeFolder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  }

  function raw(bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
  }
});
