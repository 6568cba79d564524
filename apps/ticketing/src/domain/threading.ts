import type { FeedbackReceived } from '#contracts';
import { isForTheRecord } from './calls.js';
import { isBeyondReopening } from './status.js';
import type { ThreadMaterial } from './thread-material.js';
import { participantKey, type TicketState } from './ticket.js';

/** A row of mail_references. */
export interface ReferenceState {
  readonly key: string;
  ticketId: string | null;
  messageId: string | null;
  revision: string | null;
  /** Tickets of replies that came before this message. */
  waiting: readonly string[];
}

/** What is known about the places that the material points to. Tickets are those that stand after merges. */
export interface ThreadKnowledge {
  reference(key: string): ReferenceState | undefined;
  ticket(ticketId: string): TicketState | undefined;
  ticketOfReply(replyId: string): string | undefined;
  ticketByNumber(number: number): string | undefined;
  ticketByFormReference(reference: string): string | undefined;
  ticketOfConversation(key: string): string | undefined;
  /** Whose answer went to this author by this channel although he had written elsewhere. */
  ticketAnsweredTo(event: FeedbackReceived): string | undefined;
}

/** Where a message belongs. */
export type Placement =
  | { readonly kind: 'copy'; readonly messageId: string }
  | { readonly kind: 'join'; readonly ticketId: string; readonly newParticipant: boolean }
  | { readonly kind: 'follow_up'; readonly of: string }
  | { readonly kind: 'new'; readonly related?: string }
  | { readonly kind: 'without_ticket' };

function firstTicket(ids: Iterable<string | null | undefined>, knowledge: ThreadKnowledge): TicketState | undefined {
  for (const id of ids) {
    const ticket = id === null || id === undefined ? undefined : knowledge.ticket(id);
    if (ticket !== undefined) return ticket;
  }
  return undefined;
}

function* provenTickets(material: ThreadMaterial, knowledge: ThreadKnowledge) {
  for (const replyId of material.provenReplies) yield knowledge.ticketOfReply(replyId);
  for (const number of material.provenNumbers) yield knowledge.ticketByNumber(number);
}

function* claimedTickets(material: ThreadMaterial, knowledge: ThreadKnowledge) {
  for (const key of material.parents) yield knowledge.reference(key)?.ticketId;
  for (const number of material.claimedNumbers) yield knowledge.ticketByNumber(number);
  for (const reference of material.claimedReferences) yield knowledge.ticketByFormReference(reference);
}

/** Whether the author stands among From, To and Cc of the ticket, and is not known to be somebody else. */
function mayJoinByReference(event: FeedbackReceived, participants: readonly string[]): boolean {
  // What lies in our own Sent folder needs no vouching: a colleague wrote it.
  if (event.kind === 'echo') return true;
  const { identity } = event.author;
  return identity !== undefined && event.signals.dmarc !== 'fail' && participants.includes(participantKey(identity));
}

function isParticipant(event: FeedbackReceived, ticket: TicketState): boolean {
  const { identity } = event.author;
  return identity !== undefined && ticket.participants.includes(participantKey(identity));
}

/** Automatic mail that nobody wrote to us about anything: kept, but no reason for a ticket. List mail is. */
function opensNoTicket(event: FeedbackReceived): boolean {
  const { autoReply } = event.signals;
  return autoReply !== 'none' && autoReply !== 'list';
}

/** Joins an existing ticket, unless that is closed: then the message opens a new one that follows it. */
function into(event: FeedbackReceived, ticket: TicketState, now: Date, newParticipant: boolean): Placement {
  const stays = event.signals.autoReply !== 'none' || event.kind === 'echo' || !isBeyondReopening(ticket, now);
  return stays ? { kind: 'join', ticketId: ticket.id, newParticipant } : { kind: 'follow_up', of: ticket.id };
}

const stay = (ticket: TicketState): Placement => ({ kind: 'join', ticketId: ticket.id, newParticipant: false });

/** "Which ticket does a message belong to" of docs/care.md, for mail: rules 0 to 3 in order. */
export function placeMail(
  event: FeedbackReceived,
  material: ThreadMaterial,
  knowledge: ThreadKnowledge,
  now: Date,
): Placement {
  const seen = knowledge.reference(material.own);
  const known = seen?.messageId ?? event.id;
  if (known !== event.id && seen?.revision === material.revision) return { kind: 'copy', messageId: known };

  const proven = firstTicket(provenTickets(material, knowledge), knowledge);
  if (proven !== undefined) return into(event, proven, now, event.kind !== 'echo' && !isParticipant(event, proven));

  const claimed = firstTicket(claimedTickets(material, knowledge), knowledge);
  if (claimed !== undefined && mayJoinByReference(event, claimed.participants)) return into(event, claimed, now, false);

  if (opensNoTicket(event)) return { kind: 'without_ticket' };
  return claimed === undefined ? { kind: 'new' } : { kind: 'new', related: claimed.id };
}

function ticketAtHand(event: FeedbackReceived, knowledge: ThreadKnowledge, now: Date): TicketState | undefined {
  const own = firstTicket([knowledge.ticketOfConversation(event.conversationKey)], knowledge);
  if (own !== undefined && own.resolvedAt === null && !isBeyondReopening(own, now)) return own;
  const elsewhere = firstTicket([knowledge.ticketAnsweredTo(event)], knowledge);
  return elsewhere === undefined || isBeyondReopening(elsewhere, now) ? own : elsewhere;
}

/**
 * Chat, comments, SMS and calls: the conversation's open ticket; else the one whose answer came here instead of where the customer had
 * written; else the conversation's while it can be reopened. Calls for the record open none, and join only one that was there when they were made.
 */
export function placeInConversation(event: FeedbackReceived, knowledge: ThreadKnowledge, now: Date): Placement {
  const ticket = ticketAtHand(event, knowledge, now);
  if (isForTheRecord(event, now)) {
    // An older one would become the customer's first word on the ticket, and its clocks would run from there.
    const isOlder = ticket === undefined || Date.parse(event.occurredAt) < ticket.openedAt.getTime();
    return isOlder ? { kind: 'without_ticket' } : stay(ticket);
  }
  if (ticket !== undefined) return into(event, ticket, now, false);
  return opensNoTicket(event) ? { kind: 'without_ticket' } : { kind: 'new' };
}
