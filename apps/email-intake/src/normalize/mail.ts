import type { Readable } from 'node:stream';
import {
  type Attachment,
  type DeadLetterReason,
  type FeedbackReceived,
  cleanText,
  cutToBytes,
  eventLimits,
  feedbackEventId,
  verifyReplyMessageId,
} from '#contracts';
import { emailIdentity } from './addresses.js';
import { classifyAutomatic } from './automatic.js';
import { type DeliveryReport, readDeliveryReport, readPlainReport } from './bounce.js';
import type { MailContext } from './context.js';
import { fitEvent } from './fit.js';
import { oneLine } from './header.js';
import { detectLanguage } from './language.js';
import { MailRefused } from './limits.js';
import type { Measured } from './measure.js';
import { type KeepAttachment, type ParsedMime, readMime } from './mime.js';
import { authorOf, maxRecipients, readPeople } from './people.js';
import { answeredReplies, conversationOf, readThread, threadHints } from './thread.js';
import { occurredAt, statedTime } from './times.js';
import { readWords, subjectOf } from './words.js';

export type NormalizedMail =
  | {
      readonly kind: 'feedback';
      readonly event: FeedbackReceived;
      readonly returned?: ReturnedReply;
      readonly answeredReplyIds: readonly string[];
    }
  /** The copy of our own reply in the Sent folder. */
  | { readonly kind: 'own_copy'; readonly replyId: string }
  | { readonly kind: 'refused'; readonly reason: DeadLetterReason; readonly step: string; readonly detail: string };

/** A reply of ours that came back. */
interface ReturnedReply extends Pick<DeliveryReport, 'permanent' | 'status' | 'recipient'> {
  readonly replyId: string;
}

/** Raw bytes of a mail → the event, or why not. The same bytes, account and context give the same answer. */
export async function normalizeMail(
  source: Buffer | Readable,
  context: MailContext,
  keep: KeepAttachment,
): Promise<NormalizedMail> {
  try {
    const { mime, measured } = await readMime(source, context.limits, keep);
    return await understand(mime, measured, context);
  } catch (error) {
    if (error instanceof MailRefused)
      return { kind: 'refused', reason: error.reason, step: error.step, detail: error.message };
    throw error;
  }
}

async function understand(mime: ParsedMime, measured: Measured, context: MailContext): Promise<NormalizedMail> {
  const thread = readThread(mime.header);
  const own = thread.messageId === undefined ? undefined : verifyReplyMessageId(thread.messageId, context.keys.thread);
  if (own !== undefined && context.folder === 'sent') return { kind: 'own_copy', replyId: own.replyId };
  const flags = new Set([...(context.flags ?? []), ...mime.flags]);
  const people = readPeople(mime, context, flags);
  const subject = cutToBytes(oneLine(cleanText(subjectOf(mime))), eventLimits.subject).text;
  const said = readWords(mime, measured, thread, flags);
  const report = reportOf(mime, said.whole);
  const autoReply = classifyAutomatic({
    header: mime.header,
    subject,
    author: people.author?.address,
    report,
    ours: own !== undefined,
  });
  const returnedId = autoReply === 'bounce' ? (report?.messageId ?? readPlainReport(said.whole).messageId) : undefined;
  const answering =
    returnedId === undefined
      ? thread
      : { ...thread, references: [...thread.references, returnedId].slice(-eventLimits.references) };
  const author = authorOf(people, said.whole, subject, mime, context, flags);
  const id = thread.messageId ?? measured.sha256;
  const occurred = occurredAt(context.internalDate, context.receivedAt);
  if (occurred.clamped) flags.add('time_clamped');
  const language = await detectLanguage(said.text);
  const eventId = feedbackEventId({
    channel: 'email',
    account: context.account.id,
    messageId: id,
    revision: measured.bodySha256,
  });
  const stated = statedTime(mime.header.first('date'));
  const event: FeedbackReceived = {
    id: eventId,
    channel: 'email',
    kind: context.folder === 'sent' ? 'echo' : 'message',
    account: context.account.id,
    provider: { name: 'imap', messageId: id, receivedVia: context.receivedVia },
    conversationKey: conversationOf(answering, id, context.keys),
    occurredAt: occurred.at.toISOString(),
    receivedAt: context.receivedAt.toISOString(),
    ...(stated === undefined ? {} : { statedAt: stated.toISOString() }),
    author: author.event,
    recipients: author.recipients.slice(0, maxRecipients).map(emailIdentity),
    thread: {
      ...(thread.inReplyTo === undefined ? {} : { inReplyTo: thread.inReplyTo }),
      references: [...answering.references],
      hints: threadHints({
        subject,
        text: said.text,
        deliveredTo: people.deliveredTo,
        ownAddresses: new Set(context.account.addresses),
      }),
    },
    ...(subject === '' ? {} : { subject }),
    text: said.text,
    ...(said.html === '' ? {} : { html: said.html }),
    ...(said.quoted === '' ? {} : { quoted: said.quoted }),
    ...(language === undefined ? {} : { language }),
    attachments: [...mime.attachments] as Attachment[],
    signals: {
      autoReply,
      ...(autoReply === 'bounce' ? { bounce: bounceSignal(report, returnedId, said.whole) } : {}),
      ...(people.dmarc === undefined ? {} : { dmarc: people.dmarc }),
      ...(isSpam(mime) ? { spam: true } : {}),
      flags: [],
    },
    raw: {
      ref: measured.bytes <= eventLimits.originalOnLog ? `log:${eventId}` : `store:${measured.sha256}`,
      sha256: measured.sha256,
      bytes: measured.bytes,
    },
  };
  const returned = returnedId === undefined ? undefined : verifyReplyMessageId(returnedId, context.keys.thread);
  return {
    kind: 'feedback',
    event: fitEvent(event, flags),
    ...(returned === undefined ? {} : { returned: returnedReply(returned.replyId, event) }),
    answeredReplyIds: autoReply === 'bounce' ? [] : answeredReplies(thread, context.keys.thread),
  };
}

function reportOf(mime: ParsedMime, text: string): DeliveryReport | undefined {
  if (mime.deliveryStatus === undefined) return undefined;
  const report = readDeliveryReport(mime.deliveryStatus, mime.embedded);
  return report?.messageId === undefined && report !== undefined ? { ...readPlainReport(text), ...report } : report;
}

function bounceSignal(
  report: DeliveryReport | undefined,
  messageId: string | undefined,
  text: string,
): NonNullable<FeedbackReceived['signals']['bounce']> {
  const status = report?.status ?? readPlainReport(text).status;
  return {
    ...(messageId === undefined ? {} : { messageId }),
    ...(report?.recipient === undefined ? {} : { recipient: report.recipient }),
    ...(status === undefined ? {} : { status }),
    permanent: report?.permanent ?? status?.startsWith('4') !== true,
  };
}

function returnedReply(replyId: string, event: FeedbackReceived): ReturnedReply {
  const { permanent = true, status, recipient } = event.signals.bounce ?? {};
  return {
    replyId,
    permanent,
    ...(status === undefined ? {} : { status }),
    ...(recipient === undefined ? {} : { recipient }),
  };
}

function isSpam(mime: ParsedMime): boolean {
  return /^yes/i.test(mime.header.first('x-spam-flag') ?? mime.header.first('x-spam-status') ?? '');
}
