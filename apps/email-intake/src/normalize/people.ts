import type { FeedbackReceived } from '#contracts';
import { type Mailbox, domainOf, emailIdentity, mailboxesOf, normalizeAddress } from './addresses.js';
import { readAuthentication } from './authentication.js';
import { attachedSender, isOwnStaff, looksForwarded, originalSender } from './forwarded.js';
import { MailRefused } from './limits.js';
import type { MailContext } from './context.js';
import type { ParsedMime } from './mime.js';

export const maxRecipients = 100;

export interface People {
  readonly author?: Mailbox;
  readonly recipients: readonly string[];
  readonly deliveredTo: readonly string[];
  readonly verified: boolean;
  readonly dmarc?: string;
}

export function readPeople(mime: ParsedMime, context: MailContext, flags: Set<string>): People {
  const from = mailboxesOf(mime.headers, 'from');
  const to = [...mailboxesOf(mime.headers, 'to'), ...mailboxesOf(mime.headers, 'cc')];
  const { limits, account } = context;
  if (from.length + to.length > limits.addresses) {
    throw new MailRefused(
      'too_many_recipients',
      'normalize',
      `${from.length + to.length} addresses, the limit is ${limits.addresses}`,
    );
  }
  const author = from[0] ?? mailboxesOf(mime.headers, 'sender')[0] ?? mailboxesOf(mime.headers, 'reply-to')[0];
  // Which of two authors a mail program shows is its own affair: neither is believed.
  const ambiguous = from.length > 1 || mime.header.all('from').length > 1;
  if (from.length === 0) flags.add('no_from');
  if (ambiguous) flags.add('several_from');
  const named = normalizeAddress(/[^\s<>"']{1,64}@[^\s<>"']{1,255}/.exec(author?.name ?? '')?.[0]);
  if (named !== undefined && named !== author?.address) flags.add('name_claims_other_address');
  const trusted = readAuthentication(
    mime.header,
    account.authservId,
    author === undefined ? undefined : domainOf(author.address),
  );
  const recipients = [...new Set(to.map((mailbox) => mailbox.address))];
  if (recipients.length > maxRecipients) flags.add('recipients_cut');
  const delivered = ['delivered-to', 'x-original-to', 'envelope-to']
    .flatMap((name) => mime.header.all(name))
    .map(normalizeAddress);
  return {
    ...(author === undefined ? {} : { author }),
    recipients,
    deliveredTo: [...new Set([...recipients, ...delivered.filter((address) => address !== undefined)])],
    verified: trusted.verified && !ambiguous && from.length === 1,
    ...(trusted.dmarc === undefined ? {} : { dmarc: trusted.dmarc }),
  };
}

/** The customer: who wrote, or, where a colleague forwards, who wrote to the colleague. */
export function authorOf(
  people: People,
  text: string,
  subject: string,
  mime: ParsedMime,
  context: MailContext,
  flags: Set<string>,
) {
  const written = (mailbox: Mailbox | undefined, verified: boolean): FeedbackReceived['author'] => ({
    ...(mailbox === undefined ? {} : { identity: emailIdentity(mailbox.address) }),
    ...(mailbox?.name === undefined ? {} : { displayName: mailbox.name }),
    verified,
  });
  const forwarder = people.author;
  const byColleague =
    context.folder === 'inbox' &&
    people.dmarc !== 'fail' &&
    isOwnStaff(forwarder?.address, context.account.staff) &&
    (mime.embedded !== undefined || looksForwarded(subject, text));
  const original = byColleague ? (attachedSender(mime.embedded) ?? originalSender(text)) : undefined;
  if (forwarder === undefined || original === undefined || isOwnStaff(original.address, context.account.staff)) {
    return { event: written(forwarder, people.verified), recipients: people.recipients };
  }
  flags.add('forwarded');
  return { event: written(original, false), recipients: [...new Set([forwarder.address, ...people.recipients])] };
}
