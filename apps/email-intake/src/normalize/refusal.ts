import { normalizeAddress } from './addresses.js';
import { readAuthentication } from './authentication.js';
import { classifyAutomatic } from './automatic.js';
import type { MailAccount } from './context.js';
import { oneLine, parseHeaderBlock } from './header.js';
import { readThread } from './thread.js';

/** Whom to tell, once, that a mail was not taken. */
export interface RefusalNotice {
  readonly to: string;
  readonly subject: string;
  readonly messageId?: string;
}

const looked = 64 * 1024;

/**
 * Reads who is to be told from the first bytes of a refused mail. undefined where an answer could go to somebody who wrote nothing:
 * automatic mail, an author whom the mail server calls forged, ourselves.
 */
export function refusalNotice(head: Buffer, account: MailAccount): RefusalNotice | undefined {
  const header = parseHeaderBlock(head.subarray(0, looked).toString('latin1'));
  const from = header.all('from');
  const author = normalizeAddress(/[^\s<>"',;]{1,64}@[^\s<>"',;]{1,255}/.exec(from[0] ?? '')?.[0]);
  if (author === undefined || from.length !== 1 || account.addresses.includes(author)) return undefined;
  const subject = oneLine(header.first('subject') ?? '').slice(0, 200);
  if (classifyAutomatic({ header, subject, author, report: undefined, ours: false }) !== 'none') return undefined;
  if (readAuthentication(header, account.authservId, author.slice(author.lastIndexOf('@') + 1)).dmarc === 'fail')
    return undefined;
  const { messageId } = readThread(header);
  return { to: author, subject, ...(messageId === undefined ? {} : { messageId }) };
}
