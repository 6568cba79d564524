import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderStore } from './folder-store.js';
import { isPublicAddress, RemoteFileError, RemoteFiles } from './remote-files.js';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const limits = { hosts: ['cdn.example'], maxBytes: 1_000, timeoutMs: 2_000 };

describe('remote files', () => {
  let folder: string;
  let server: Server | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'remote-files-'));
  });
  afterEach(async () => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
    await rm(folder, { recursive: true });
  });

  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const files = (...addresses: string[]) =>
    new RemoteFiles(new FolderStore(folder), async () => addresses.map((address) => ({ address, family: 4 })));
  const kept = async () =>
    (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());

  it.each([
    ['another host', 'https://evil.example/a.png'],
    ['a host that ends alike', 'https://evilcdn.example/a.png'],
    ['the listed name as a prefix', 'https://cdn.example.evil.example/a.png'],
    ['plain http', 'http://cdn.example/a.png'],
    ['another port', 'https://cdn.example:8443/a.png'],
    ['credentials', 'https://cdn.example@10.0.0.1/a.png'],
    ['an address in numbers', 'https://127.0.0.1/a.png'],
    ['an address in one number', 'https://2130706433/a.png'],
    ['IPv6', 'https://[::1]/a.png'],
    ['a file', 'file:///etc/passwd'],
    ['nonsense', 'cdn.example'],
  ])('are not fetched from %s', async (_, address) => {
    await expect(files('93.184.216.34').fetch(address, limits)).rejects.toMatchObject({ code: 'forbidden_address' });
  });

  it.each([
    ['127.0.0.1'],
    ['10.1.2.3'],
    ['169.254.169.254'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['fd00::1'],
    ['100.64.0.1'],
  ])('are not fetched when one address of the name is %s', async (address) => {
    await expect(files('93.184.216.34', address).fetch('https://cdn.example/a', limits)).rejects.toMatchObject({
      code: 'forbidden_address',
    });
  });

  it('come with their type by content, and are on disk but not in the store', async () => {
    const origin = await serve((_, response) => response.setHeader('content-type', 'Image/JPEG; q=1').end(png));
    const file = await files().fetch(`${origin}/a`, { ...limits, trustedOrigins: [origin] });
    expect([file.statedType, file.detectedType, file.staged.bytes]).toEqual(['image/jpeg', 'image/png', png.length]);
    await file.staged.discard();
    expect(await kept()).toEqual([]);
  });

  it.each<[string, string, RequestListener]>([
    ['a redirect', 'unexpected_status', (_, response) => response.writeHead(302, { location: '/b' }).end()],
    ['a refusal', 'unexpected_status', (_, response) => response.writeHead(404).end('no')],
    ['a stated length beyond the limit', 'too_large', (_, response) => response.end(Buffer.alloc(1_001))],
    [
      'more bytes than the limit without a length',
      'too_large',
      (_, response) => response.write(Buffer.alloc(600), () => response.end(Buffer.alloc(600))),
    ],
    [
      'half of a file',
      'unreachable',
      (_, response) => response.writeHead(200, { 'content-length': 500 }).write('x', () => response.destroy()),
    ],
  ])('end in an error and leave nothing: %s', async (_, code, listener) => {
    const origin = await serve(listener);
    const options = { ...limits, trustedOrigins: [origin] };
    await expect(files().fetch(`${origin}/a`, options)).rejects.toMatchObject({ code });
    expect(await kept()).toEqual([]);
  });

  /** Serves a file beside a door that sends on to it; answers what each was asked with. */
  async function redirecting(location: (fileAt: string) => string) {
    const asked: (string | undefined)[] = [];
    const file = createServer(({ headers }, response) => {
      asked.push(headers.authorization);
      response.end(png);
    });
    await new Promise<void>((resolve) => file.listen(0, '127.0.0.1', resolve));
    const fileAt = `http://127.0.0.1:${(file.address() as AddressInfo).port}`;
    const door = await serve((request, response) => {
      asked.push(request.headers.authorization);
      if (request.url === '/file') response.end(png);
      else response.writeHead(307, { location: location(fileAt) }).end();
    });
    const fetch = async (redirects: number, trustedOrigins = [door, fileAt]) =>
      await files('93.184.216.34')
        .fetch(`${door}/a`, { ...limits, redirects, trustedOrigins, headers: { authorization: 'Bearer x' } })
        .then(
          async ({ staged }) => {
            await staged.discard();
            return 'kept';
          },
          (error: unknown) => (error instanceof RemoteFileError ? error.code : error),
        )
        .finally(() => file.close());
    return { asked, door, fetch };
  }

  it.each<[string, (fileAt: string) => string, (string | undefined)[]]>([
    ['another host, which does not learn the credentials', (fileAt) => `${fileAt}/b`, ['Bearer x', undefined]],
    ['the same host', () => '/file', ['Bearer x', 'Bearer x']],
  ])('follow one redirect where that is allowed, to %s', async (_, location, heard) => {
    const { asked, fetch } = await redirecting(location);
    expect([await fetch(1), asked]).toEqual(['kept', heard]);
  });

  it.each<[string, (fileAt: string) => string, string]>([
    ['to a host that is not on the list', () => 'https://evil.example/a', 'forbidden_address'],
    ['to an address inside', () => 'http://169.254.169.254/latest/meta-data/', 'forbidden_address'],
    ['to nonsense', () => 'http://[', 'forbidden_address'],
    ['a second time', () => '/again', 'unexpected_status'],
  ])('do not follow a redirect %s', async (_, location, code) => {
    const { fetch } = await redirecting(location);
    expect(await fetch(1)).toBe(code);
    expect(await kept()).toEqual([]);
  });

  it('are given up when they take too long', async () => {
    const origin = await serve((_, response) => response.writeHead(200).write('x'));
    const options = { ...limits, trustedOrigins: [origin], timeoutMs: 50 };
    await expect(files().fetch(`${origin}/a`, options)).rejects.toMatchObject({ code: 'unreachable' });
  });
});

it.each([
  ['8.8.8.8', true],
  ['2404:6800:4005:80a::200e', true],
  ['192.168.1.1', false],
  ['::ffff:8.8.8.8', false],
  ['2002:7f00:1::', false],
  ['not an address', false],
])('%s public: %s', (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected);
});
