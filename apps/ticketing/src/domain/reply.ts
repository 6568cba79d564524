import { cleanText, cutToBytes, eventLimits, type Attachment, type ReplyReason } from '#contracts';
import type { AnswerWay } from './answer-route.js';
import { outboundMessage } from './message.js';
import type { Actor, TicketChange } from './ticket-change.js';
import type { TicketWork } from './ticket-work.js';

export interface AnswerRequest {
  readonly reason: ReplyReason;
  readonly way: AnswerWay;
  readonly text: string;
  readonly html: string | null;
  readonly attachments: readonly Attachment[];
  readonly agent: { readonly id: string; readonly name: string } | null;
  /** "Send again": the reply that this one repeats. */
  readonly repeats: string | null;
}

/** `Re: subject [PH-1024]`, once each. */
export function answerSubject(subject: string | null, number: string): string {
  const plain = (subject ?? '').replace(/^(?:\s*(?:re|fwd?|tr|trả lời)\s*:\s*)+/i, '').trim();
  const tagged = plain.includes(`[${number}]`) ? plain : `${plain} [${number}]`.trim();
  return cutToBytes(cleanText(`Re: ${tagged}`), eventLimits.subject).text;
}

/** Puts an answer on the ticket and asks the channel's intake to send it; once committed it is final. Returns the reply's id. */
export function requestAnswer(change: TicketChange, work: TicketWork, actor: Actor, request: AnswerRequest): string {
  const { ticket } = change;
  const { now } = work.clock;
  const id = work.clock.newId();
  const { reason, way, text, attachments, agent, repeats } = request;
  const { channel, account, to, thread, customerWroteAt, insteadOf, fallback } = way;
  // Other channels know neither subjects nor markup.
  const isMail = channel === 'email';
  const subject = isMail ? answerSubject(ticket.subject, change.number) : null;
  const html = isMail ? request.html : null;
  const byPerson = reason === 'agent';
  work.addMessage(
    outboundMessage(
      ticket,
      {
        id,
        reason,
        channel,
        account,
        identityId: to.id,
        agentId: agent?.id ?? null,
        authorName: agent?.name ?? null,
        subject,
        text,
        html,
        language: ticket.language,
        attachments,
        repeats,
        insteadOf: insteadOf ?? null,
      },
      now,
    ),
  );
  if (byPerson) {
    ticket.answered = true;
    ticket.touched = true;
    ticket.touches += 1;
  }
  change.record('reply_requested', now, actor, {
    replyId: id,
    automatic: !byPerson,
    channel,
    ...(insteadOf === undefined ? {} : { insteadOf }),
    ...(fallback === undefined ? {} : { fallback }),
  });
  work.replies.push({
    id,
    ticketId: ticket.id,
    ticketNumber: change.number,
    conversationKey: ticket.conversationKey,
    channel,
    account,
    to: { kind: to.kind, value: to.value },
    ...(subject === null ? {} : { subject }),
    text,
    ...(html === null ? {} : { html }),
    attachments: [...attachments],
    thread,
    requestedAt: now.toISOString(),
    ...(customerWroteAt === null ? {} : { customerWroteAt: customerWroteAt.toISOString() }),
    reason,
  });
  return id;
}
