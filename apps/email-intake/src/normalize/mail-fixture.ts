import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { MailContext } from './context.js';
import { defaultMailLimits } from './limits.js';

/** What the specs of this room share: an account, a clock and a store that only hashes. */
const receivedAt = new Date('2026-11-22T08:00:00.000Z');

export const threadSecrets = ['thread-secret-for-tests'] as const;

export function aContext(changes: Partial<MailContext> = {}): MailContext {
  return {
    account: {
      id: 'support',
      addresses: ['support@care.example.vn'],
      authservId: 'mx.care.example.vn',
      staff: { domains: new Set(['care.example.vn']), addresses: new Set(['colleague@partner.example']) },
    },
    folder: 'inbox',
    internalDate: new Date('2026-11-22T07:59:00.000Z'),
    receivedAt,
    receivedVia: 'poll',
    keys: { conversation: 'conversation-secret-for-tests', thread: threadSecrets },
    limits: defaultMailLimits,
    ...changes,
  };
}

export async function hashOnly(content: Readable): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** A mail from lines; header lines first, an empty line, then the body. Strings are UTF-8. */
export function aMail(headers: Record<string, string | readonly string[]>, body: string | Buffer = 'Xin chào'): Buffer {
  const base: Record<string, string | readonly string[]> = {
    From: 'Lan <lan@school.example.vn>',
    To: 'support@care.example.vn',
    Subject: 'Mat mang',
    'Message-ID': '<1@school.example.vn>',
    Date: 'Sun, 22 Nov 2026 14:58:00 +0700',
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Transfer-Encoding': '8bit',
    ...headers,
  };
  const lines = Object.entries(base).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`));
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
}
