import type { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import { createPlusAddress, createReplyMessageId, type ThreadSecrets } from '#contracts';
import { domainOf } from '../../normalize/addresses.js';
import { loopHeader } from '../../normalize/automatic.js';
import type { Notice, Outgoing } from '#intake';
import type { Mailbox } from '../accounts.js';

export interface ComposedMail {
  readonly messageId: string;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** The whole mail, as it is sent and appended to the Sent folder. */
  readonly bytes: Buffer;
}

type OpenFile = (sha256: string) => Promise<Readable>;

/** The bytes of what is sent: the same Message-ID for the same reply, however often it is composed. */
export async function composeMail(
  outgoing: Outgoing,
  mailbox: Mailbox,
  secrets: ThreadSecrets,
  open: OpenFile,
): Promise<ComposedMail> {
  const messageId = messageIdOf(outgoing, mailbox, secrets);
  const to = outgoing.kind === 'reply' ? outgoing.to.value : outgoing.to;
  const from = { name: mailbox.options.senderName ?? '', address: mailbox.address };
  const files = outgoing.kind === 'reply' ? outgoing.attachments : [];
  const composer = new MailComposer({
    from,
    to,
    messageId,
    subject: subjectOf(outgoing),
    text: outgoing.text,
    ...(outgoing.kind === 'reply' && outgoing.html !== undefined ? { html: outgoing.html } : {}),
    ...replyTo(outgoing, mailbox, secrets),
    ...threading(outgoing),
    headers: headersOf(outgoing, mailbox),
    attachments: await Promise.all(
      files.map(async (file) => ({
        filename: file.name,
        contentType: file.mediaType,
        content: await open(file.sha256),
        ...(file.contentId === undefined ? {} : { cid: file.contentId }),
      })),
    ),
    // Content comes from the store only: a name in a reply must never open a path or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return { messageId, envelope: { from: mailbox.address, to: [to] }, bytes: await composer.compile().build() };
}

/** The stable Message-ID that a reply has, sent or not yet. */
export function messageIdOf(outgoing: Outgoing, mailbox: Mailbox, secrets: ThreadSecrets): string {
  const domain = domainOf(mailbox.address);
  return outgoing.kind === 'reply'
    ? createReplyMessageId({ replyId: outgoing.id, conversationKey: outgoing.conversationKey, domain }, secrets)
    : `<${outgoing.id}@${domain}>`;
}

function subjectOf(outgoing: Outgoing): string {
  const subject = outgoing.subject ?? '';
  if (outgoing.kind === 'notice') return `Re: ${subject}`.trim();
  const tag = `[${outgoing.ticketNumber}]`;
  const answered = /^\s*(?:re|tl|trả lời)\s*:/iu.test(subject) ? subject : `Re: ${subject}`;
  return (answered.includes(tag) ? answered : `${answered} ${tag}`).trim();
}

function replyTo(outgoing: Outgoing, mailbox: Mailbox, secrets: ThreadSecrets): { replyTo?: string } {
  if (outgoing.kind === 'notice' || !mailbox.options.plusAddress) return {};
  return { replyTo: createPlusAddress(mailbox.address, outgoing.ticketNumber, secrets) };
}

function threading(outgoing: Outgoing): { inReplyTo?: string; references?: string[] } {
  const { inReplyTo, references } =
    outgoing.kind === 'reply' ? outgoing.thread : { inReplyTo: outgoing.inReplyTo, references: [] };
  const all = [...new Set([...references, ...(inReplyTo === undefined ? [] : [inReplyTo])])];
  return { ...(inReplyTo === undefined ? {} : { inReplyTo }), ...(all.length === 0 ? {} : { references: all }) };
}

/** RFC 3834: automatic mail says so, or two responders answer each other for ever. */
function headersOf(outgoing: Outgoing, mailbox: Mailbox): Record<string, string> {
  if (!isAutomatic(outgoing)) return {};
  return {
    'Auto-Submitted': 'auto-replied',
    'X-Auto-Response-Suppress': 'All',
    Precedence: 'auto_reply',
    [loopHeader]: mailbox.id,
  };
}

function isAutomatic(outgoing: Outgoing): outgoing is Notice | Outgoing {
  return outgoing.kind === 'notice' || outgoing.reason !== 'agent';
}
