import type {
  Channel,
  DeliveryErrorCode,
  DeliveryState,
  FeedbackKind,
  FeedbackReceived,
  ReplyReason,
} from '#contracts';
import { callEndOf, storedCall } from './calls.js';
import type { TicketState } from './ticket.js';

/** A message to be stored. Inbound: id is the event's id; outbound through us: the reply's id. */
export interface NewMessage {
  readonly id: string;
  ticketId: string | null;
  readonly direction: 'inbound' | 'outbound';
  readonly kind: FeedbackKind;
  readonly automatic: boolean;
  readonly channel: Channel;
  readonly account: string;
  readonly identityId: string | null;
  readonly authorName: string | null;
  readonly verified: boolean;
  readonly newParticipant: boolean;
  readonly agentId: string | null;
  readonly providerMessageId: string | null;
  readonly subject: string | null;
  text: string | null;
  html: string | null;
  readonly quoted: string | null;
  readonly language: string | null;
  /** JSON, null where there is nothing. */
  readonly recipients: string | null;
  attachments: string | null;
  readonly fields: string | null;
  readonly signals: string | null;
  readonly raw: string | null;
  readonly thread: string | null;
  readonly call: string | null;
  copies: readonly MessageCopy[];
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  editedAt: Date | null;
  deletedAt: Date | null;
  readonly replyReason: ReplyReason | null;
  readonly repeats: string | null;
  /** Of an answer that left by another channel than the customer's last word came on: that channel. */
  readonly insteadOf: Channel | null;
  readonly state: DeliveryState | null;
  readonly stateAt: Date | null;
  readonly answeredAt: Date | null;
}

/** The same mail as it came to another mailbox of ours. */
export interface MessageCopy {
  readonly messageId: string;
  readonly eventId: string;
  readonly account: string;
}

/** What a delivery makes of a stored reply. */
export interface ReplyProgress {
  readonly messageId: string;
  readonly state: DeliveryState;
  readonly stateAt: Date;
  readonly attempt: number;
  readonly errorCode: DeliveryErrorCode | null;
  readonly errorDetail: string | null;
  readonly providerMessageId: string | null;
  readonly answeredAt: Date | null;
}

/** An edit or a deletion in the provider's own client, or files that could not be fetched when the message came. */
export interface Amendment {
  readonly messageId: string;
  readonly at: Date;
  readonly deletion: boolean;
  readonly text: string | null;
  readonly html: string | null;
  /** Files that the message has beside those that are known, as JSON. */
  readonly attachments: string | null;
  /** The words stay as they are, and nothing counts as edited. */
  readonly filesOnly: boolean;
}

export const json = (items: readonly unknown[] | undefined) =>
  items === undefined || items.length === 0 ? null : JSON.stringify(items);

/** Signals that a reader should see; the plain case stores nothing. */
function notableSignals({ signals }: FeedbackReceived): string | null {
  const plain = signals.autoReply === 'none' && signals.flags.length === 0 && signals.spam !== true;
  return plain && signals.dmarc === undefined ? null : JSON.stringify(signals);
}

/** With the network's own conversation, since answers name it. */
function threadMaterial({ thread, provider: { conversationId } }: FeedbackReceived): string | null {
  if (conversationId !== undefined) return JSON.stringify({ ...thread, conversationId });
  return thread.inReplyTo === undefined && thread.references.length === 0 && thread.hints.length === 0
    ? null
    : JSON.stringify(thread);
}

/** A colleague wrote it in the provider's own console, or called. */
export function isOurSide(event: FeedbackReceived): boolean {
  return event.kind === 'echo' || callEndOf(event)?.isOurs === true;
}

/** Calls are told by the customer: of ours only the exchange may know who made it. */
function authorNameOf(event: FeedbackReceived): string | null {
  if (callEndOf(event)?.isOurs === true) return event.call?.agent ?? null;
  return event.author.displayName ?? event.author.identity?.value ?? null;
}

/** Whom we called is the author of the event. */
function recipientsOf({ recipients, author, kind }: FeedbackReceived) {
  return kind === 'call' && author.identity !== undefined ? [author.identity] : recipients;
}

/** When our side has answered the customer; null for machines, and for a call that he did not take. */
function answeredAtOf(event: FeedbackReceived): Date | null {
  if (event.signals.autoReply !== 'none' || callEndOf(event)?.answered === false) return null;
  return new Date(event.call?.answeredAt ?? event.occurredAt);
}

export function inboundMessage(
  event: FeedbackReceived,
  placed: { readonly ticketId: string | null; readonly identityId: string | null; readonly newParticipant: boolean },
): NewMessage {
  const call = storedCall(event);
  const isOurs = isOurSide(event);
  const occurredAt = new Date(event.occurredAt);
  const answeredAt = isOurs ? answeredAtOf(event) : null;
  const isOut = isOurs && callEndOf(event)?.answered !== false;
  return {
    id: event.id,
    ticketId: placed.ticketId,
    direction: isOurs ? 'outbound' : 'inbound',
    kind: event.kind,
    automatic: event.signals.autoReply !== 'none',
    channel: event.channel,
    account: event.account,
    identityId: placed.identityId,
    authorName: authorNameOf(event),
    verified: event.author.verified,
    newParticipant: placed.newParticipant,
    agentId: null,
    providerMessageId: event.provider.messageId,
    subject: event.subject ?? null,
    text: event.text,
    html: event.html ?? null,
    quoted: event.quoted ?? null,
    language: event.language ?? null,
    recipients: json(isOurs ? recipientsOf(event) : event.recipients),
    attachments: json(event.attachments),
    fields: event.fields === undefined ? null : JSON.stringify(event.fields),
    signals: notableSignals(event),
    raw: JSON.stringify(event.raw),
    thread: threadMaterial(event),
    call: call === null ? null : JSON.stringify(call),
    copies: [],
    occurredAt,
    receivedAt: new Date(event.receivedAt),
    editedAt: null,
    deletedAt: null,
    replyReason: null,
    repeats: null,
    insteadOf: null,
    state: isOut ? 'sent' : null,
    stateAt: isOut ? occurredAt : null,
    answeredAt,
  };
}

export interface Answer {
  readonly id: string;
  readonly reason: ReplyReason;
  readonly channel: Channel;
  readonly account: string;
  readonly identityId: string;
  readonly agentId: string | null;
  readonly authorName: string | null;
  readonly subject: string | null;
  readonly text: string;
  readonly html: string | null;
  readonly language: string | null;
  readonly attachments: readonly unknown[];
  readonly repeats: string | null;
  readonly insteadOf: Channel | null;
}

export function outboundMessage(ticket: TicketState, answer: Answer, now: Date): NewMessage {
  return {
    ...answer,
    ticketId: ticket.id,
    direction: 'outbound',
    kind: 'message',
    automatic: answer.reason !== 'agent',
    verified: false,
    newParticipant: false,
    providerMessageId: null,
    quoted: null,
    recipients: null,
    attachments: json(answer.attachments),
    fields: null,
    signals: null,
    raw: null,
    thread: null,
    call: null,
    copies: [],
    occurredAt: now,
    receivedAt: now,
    editedAt: null,
    deletedAt: null,
    replyReason: answer.reason,
    state: 'requested',
    stateAt: now,
    answeredAt: null,
  };
}
