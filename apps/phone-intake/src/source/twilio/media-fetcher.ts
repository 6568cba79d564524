import { lookup as resolve } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import type { Attachment } from '#contracts';
import type { AttachmentStore } from '#intake';
import type { MediaLink } from '../../normalize/context.js';
import type { TwilioAccount } from '../accounts.js';

const maxBytes = 5 * 1024 * 1024;
/** Twilio waits 15 s for the answer to its webhook. */
const deadlineMs = 6_000;
/** Twilio's API sends a client on to its file hosts once. */
const maxHops = 2;

const internal = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  internal.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  internal.addSubnet(net, bits, 'ipv6');

/** An address inside somebody's network, ours perhaps. */
export function isInternal(address: string): boolean {
  return internal.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** The connection goes to the very address that was judged: a second look-up could give another one. */
const publicLookup: LookupFunction = (host, options, done) => {
  resolve(host, { ...options, all: true }, (error, addresses) => {
    const found = error === null ? addresses.filter(({ address }) => !isInternal(address)) : [];
    const [first] = found;
    if (first === undefined) done(error ?? new Error('the host has no public address'), '', 4);
    else if (options.all === true) done(null, found);
    else done(null, first.address, first.family);
  });
};

export type Fetched =
  | { readonly kind: 'kept'; readonly attachment: Attachment }
  | { readonly kind: 'refused' | 'failed' };

/** The files of a message, from the provider's own hosts only. What cannot be had never loses the message. */
export class MediaFetcher {
  constructor(private readonly store: AttachmentStore) {}

  /** @throws StoreError while the store is full or away: then nothing is acknowledged. */
  async fetch(link: MediaLink, account: TwilioAccount, index: number): Promise<Fetched> {
    const bytes = await this.read(link.url, account).catch(() => 'failed' as const);
    if (typeof bytes === 'string') return { kind: bytes };
    const stored = await this.store.put(Readable.from([bytes]), { maxBytes });
    const name = `media-${index + 1}`;
    return { kind: 'kept', attachment: { ...stored, name, mediaType: link.mediaType, inline: false } };
  }

  private async read(url: string, account: TwilioAccount): Promise<Buffer | 'refused' | 'failed'> {
    const answer = await this.open(url, account, AbortSignal.timeout(deadlineMs));
    if (typeof answer === 'string') return answer;
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) return 'refused';
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  private async open(
    link: string,
    account: TwilioAccount,
    signal: AbortSignal,
  ): Promise<IncomingMessage | 'refused' | 'failed'> {
    let url = link;
    for (let hop = 0; hop < maxHops; hop++) {
      const target = allowed(url, account);
      if (target === undefined) return 'refused';
      const answer = await get(target, account, signal);
      const { statusCode = 0, headers } = answer;
      if (statusCode === 200) return answer;
      answer.resume();
      if (statusCode < 300 || statusCode > 399 || headers.location === undefined) return 'failed';
      url = new URL(headers.location, target).href;
    }
    return 'refused';
  }
}

function allowed(text: string, { options }: TwilioAccount): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!options.mediaHosts.includes(url.hostname) || url.username !== '') return undefined;
  if (options.allowPrivateMedia) return url;
  // A literal address is never looked up, so it is judged here.
  return url.protocol !== 'https:' || (isIP(host) !== 0 && isInternal(host)) ? undefined : url;
}

async function get(url: URL, { credentials, options }: TwilioAccount, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  // Only Twilio's API learns our credentials, not a host that it sends us on to.
  const isApi = url.host === new URL(options.apiUrl).host;
  return await new Promise((done, failed) => {
    request(url, {
      signal,
      ...(options.allowPrivateMedia ? {} : { lookup: publicLookup }),
      ...(isApi ? { auth: `${credentials.accountSid}:${credentials.authToken}` } : {}),
    })
      .once('response', done)
      .once('error', failed)
      .end();
  });
}
