import type { MailHeader } from './header.js';

export interface Authentication {
  /** The verdict of the trusted server, in lower case; undefined when it gave none. */
  readonly dmarc?: string;
  readonly verified: boolean;
}

const maxHeaderLength = 8_192;

function withoutComments(value: string): string {
  let depth = 0;
  let quoted = false;
  let out = '';
  for (const character of value) {
    if (character === '"' && depth === 0) quoted = !quoted;
    if (character === '(' && !quoted) depth++;
    else if (character === ')' && !quoted && depth > 0) depth--;
    else if (depth === 0) out += character;
  }
  return out;
}

/** Relaxed alignment without a public-suffix list: the signing domain is the author's or a parent of it. */
function isAligned(signing: string, author: string): boolean {
  return signing === author || (signing.includes('.') && author.endsWith(`.${signing}`));
}

/**
 * What the account's own mail server says about the author, read from the topmost Authentication-Results that carries the configured
 * authserv-id; lines of other servers, which anybody can write into a mail, are not looked at. Source: RFC 8601.
 */
export function readAuthentication(
  header: MailHeader,
  authservId: string | undefined,
  authorDomain: string | undefined,
): Authentication {
  if (authservId === undefined || authorDomain === undefined) return { verified: false };
  for (const line of header.all('authentication-results')) {
    const [server = '', ...results] = withoutComments(line.slice(0, maxHeaderLength)).split(';');
    if (server.trim().split(/\s+/)[0]?.toLowerCase() !== authservId.toLowerCase()) continue;
    return judge(results, authorDomain);
  }
  return { verified: false };
}

function judge(results: readonly string[], authorDomain: string): Authentication {
  let dmarc: string | undefined;
  let alignedKey = false;
  for (const result of results) {
    const [, method = '', verdict = ''] = /^\s*([a-z-]+)(?:\/\d+)?\s*=\s*([a-z]+)/i.exec(result) ?? [];
    if (method.toLowerCase() === 'dmarc') dmarc ??= verdict.toLowerCase();
    if (method.toLowerCase() !== 'dkim' || verdict.toLowerCase() !== 'pass') continue;
    const signing = /\bheader\.(?:d|i)\s*=\s*"?(?:[^\s"@;]*@)?([^\s";]+)/i.exec(result)?.[1]?.toLowerCase();
    if (signing !== undefined && isAligned(signing, authorDomain)) alignedKey = true;
  }
  return {
    ...(dmarc === undefined ? {} : { dmarc: dmarc.slice(0, 20) }),
    verified: dmarc === 'pass' || (alignedKey && dmarc !== 'fail'),
  };
}
