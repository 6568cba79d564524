import { lookup as systemLookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Transform } from 'node:stream';
import { fileTypeFromBuffer } from 'file-type';
import { type AttachmentStore, type StagedBytes, StoreError } from './attachment-store.js';

export interface RemoteFileOptions {
  /** Names that files may come from; a name stands for its subdomains too. */
  readonly hosts: readonly string[];
  /** Origins that the operator has configured himself, e.g. a gateway in the same network: reached as they are. */
  readonly trustedOrigins?: readonly string[];
  /** Credentials for the host of the address; a host that this one sends us on to does not learn them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How often a host may send us on; each hop is checked like the first address. Default 0. */
  readonly redirects?: number;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** A customer's file on disk, not in the store yet. Types are lower-case, without parameters. */
export interface RemoteFile {
  readonly staged: StagedBytes;
  /** What the server calls it. */
  readonly statedType: string | undefined;
  /** What its first bytes look like. */
  readonly detectedType: string | undefined;
}

type RemoteFileErrorCode = 'forbidden_address' | 'unexpected_status' | 'unreachable' | 'too_large';

export class RemoteFileError extends Error {
  override readonly name = 'RemoteFileError';
  constructor(
    readonly code: RemoteFileErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

const headBytes = 4_100;
const isRedirect = new Set([301, 302, 303, 307, 308]);

/**
 * Fetches what providers link to, and nothing else: https on 443, a name on the list, all of its addresses public, the checked
 * address dialled (a second look-up could say something else), redirects only where the caller allows them, bounded in bytes and time.
 */
export class RemoteFiles {
  constructor(
    private readonly store: Pick<AttachmentStore, 'stage'>,
    private readonly resolve: Resolve = (host) => systemLookup(host, { all: true }),
  ) {}

  /** @throws RemoteFileError; @throws StoreError when the store cannot keep it. */
  async fetch(address: string, options: RemoteFileOptions): Promise<RemoteFile> {
    const signal = AbortSignal.timeout(options.timeoutMs);
    const response = await this.open(address, options, signal);
    const head = new HeadOfStream();
    response.on('error', (error) => head.destroy(error));
    // It may break before the store listens; the store then finds it broken.
    head.on('error', () => response.destroy());
    try {
      const staged = await this.store.stage(response.pipe(head), { maxBytes: options.maxBytes });
      const detected = await fileTypeFromBuffer(head.bytes());
      return { staged, statedType: typeOf(response), detectedType: detected?.mime };
    } catch (error) {
      response.destroy();
      if (error instanceof StoreError && error.code === 'too_large') throw tooLarge(options.maxBytes);
      if (error instanceof StoreError && error.code !== 'unavailable') throw error;
      throw new RemoteFileError('unreachable', 'the file did not arrive whole', { cause: error });
    }
  }

  private async open(address: string, options: RemoteFileOptions, signal: AbortSignal): Promise<IncomingMessage> {
    const response = await this.request(address, options, signal);
    const { statusCode = 0, headers } = response;
    if (statusCode === 200 && !(Number(headers['content-length'] ?? 0) > options.maxBytes)) return response;
    response.destroy();
    if (statusCode === 200) throw tooLarge(options.maxBytes);
    const { redirects = 0 } = options;
    if (!isRedirect.has(statusCode) || headers.location === undefined || redirects === 0) {
      throw new RemoteFileError('unexpected_status', `answered ${statusCode}`);
    }
    const next = URL.canParse(headers.location, address) ? new URL(headers.location, address) : undefined;
    const isSameOrigin = next?.origin === new URL(address).origin;
    const kept = { ...options, redirects: redirects - 1, ...(isSameOrigin ? {} : { headers: {} }) };
    return await this.open(next?.href ?? '', kept, signal);
  }

  private async request(address: string, options: RemoteFileOptions, signal: AbortSignal): Promise<IncomingMessage> {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url === undefined) throw new RemoteFileError('forbidden_address', 'not an address');
    const isTrusted = options.trustedOrigins?.includes(url.origin) === true;
    const lookup = isTrusted ? undefined : await this.checkedLookup(url, options.hosts);
    return await get(url, { headers: { ...options.headers }, signal, ...(lookup && { lookup }) });
  }

  private async checkedLookup(url: URL, hosts: readonly string[]): Promise<LookupFunction> {
    const host = url.hostname.toLowerCase();
    const isListed = hosts.some((name) => host === name || host.endsWith(`.${name}`));
    if (url.protocol !== 'https:' || url.port !== '' || url.username !== '' || isIP(host) !== 0 || !isListed) {
      throw new RemoteFileError('forbidden_address', 'this address is not on the list');
    }
    const found = await this.resolve(host).catch((error: unknown) => {
      throw new RemoteFileError('unreachable', 'the name does not resolve', { cause: error });
    });
    const [first] = found;
    if (first === undefined || found.some(({ address }) => !isPublicAddress(address))) {
      throw new RemoteFileError('forbidden_address', 'the name leads into a private network');
    }
    return (_host, { all }, done) => {
      if (all === true) done(null, [...found]);
      else done(null, first.address, first.family);
    };
  }
}

function get(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  const request = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    request(url, { ...options, agent: false }, resolve)
      .on('error', (error) => reject(new RemoteFileError('unreachable', 'no answer', { cause: error })))
      .end();
  });
}

const tooLarge = (maxBytes: number) => new RemoteFileError('too_large', `more than ${maxBytes} bytes`);

function typeOf(response: IncomingMessage): string | undefined {
  const type = response.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return type === undefined || type === '' ? undefined : type.slice(0, 255);
}

class HeadOfStream extends Transform {
  private readonly chunks: Buffer[] = [];
  private length = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    if (this.length < headBytes) {
      this.chunks.push(chunk);
      this.length += chunk.length;
    }
    done(null, chunk);
  }

  bytes(): Buffer {
    return Buffer.concat(this.chunks).subarray(0, headBytes);
  }
}

/** Source: the IANA special-purpose address registries (RFC 6890 and its successors). */
const inner = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  inner.addSubnet(network, bits, 'ipv4');
}
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const) {
  inner.addSubnet(network, bits, 'ipv6');
}

/** Whether an IP address lies in the public internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !inner.check(address, 'ipv4');
  return family === 6 && global6.check(address, 'ipv6') && !inner.check(address, 'ipv6');
}
