import { type DropReason, type FeedbackKind, type FeedbackReceived, feedbackEventId } from '#contracts';
import { type WindowRules, windowClosesAt } from './answer-window.js';
import { isImportedCall, isMissed } from './calls.js';
import type { CustomerState, FeedbackWorld, IdentityState, IncomingFeedback } from './feedback-world.js';
import { settleLateParent } from './late-parent.js';
import { type Amendment, inboundMessage, isOurSide, json, type NewMessage } from './message.js';
import { consentOf } from './reachability.js';
import { closeWhenDue, customerWrote, personAnswered } from './status.js';
import { type Placement, placeInConversation, placeMail } from './threading.js';
import { joinParticipants, participantKey, type TicketState } from './ticket.js';
import type { Actor, TicketChange } from './ticket-change.js';

/** What became of an event; the runner of the consumer acts on it. */
export type Decision = { readonly kind: 'ok' } | { readonly kind: 'drop'; readonly reason: DropReason };

/** On tickets that a missed call has opened. */
const callBackTag = 'call_back';

const decided: Decision = { kind: 'ok' };

type Decide = (incoming: IncomingFeedback, world: FeedbackWorld) => Decision;

/** Every kind has a case; a kind of a newer writer is no message of ours. */
const decisions = {
  message: receive,
  call: receive,
  comment: receive,
  rating: receive,
  erase_request: receive,
  echo: receive,
  edit: amend,
  deletion: amend,
} as const satisfies Record<FeedbackKind, Decide>;

/** The whole domain of a feedback: from the event and what is known to facts, messages and tickets. In order within a conversation. */
export function decideFeedback(incoming: IncomingFeedback, world: FeedbackWorld): Decision {
  const decide = Object.hasOwn(decisions, incoming.event.kind) ? decisions[incoming.event.kind] : undefined;
  return decide?.(incoming, world) ?? { kind: 'drop', reason: 'unknown_kind' };
}

function place({ event, material }: IncomingFeedback, world: FeedbackWorld): Placement {
  const { now } = world.work.clock;
  if (material !== undefined) return placeMail(event, material, world, now);
  return event.channel === 'web_form' ? { kind: 'new' } : placeInConversation(event, world, now);
}

/** Whom the ticket is about: the author, or whom a colleague wrote to. */
export function counterpartOf(event: FeedbackReceived) {
  return event.kind === 'echo' ? event.recipients[0] : event.author.identity;
}

function receive(incoming: IncomingFeedback, world: FeedbackWorld): Decision {
  const { event } = incoming;
  // Our own answer, seen again in the Sent folder.
  if (event.kind === 'echo' && world.replies.has(event.id)) return { kind: 'drop', reason: 'duplicate' };
  const placement = knownCall(event, world) ?? place(incoming, world);
  if (placement.kind === 'copy') {
    world.work.copies.push({ messageId: placement.messageId, eventId: event.id, account: event.account });
    return decided;
  }
  const identity = world.identityOf(counterpartOf(event));
  if (placement.kind === 'without_ticket') {
    world.work.addMessage(
      inboundMessage(event, { ticketId: null, identityId: identity?.id ?? null, newParticipant: false }),
    );
    return decided;
  }
  const change =
    placement.kind === 'join' ? joined(placement, event, world) : opened(placement, incoming, world, identity);
  change.trace = incoming.trace;
  const newParticipant = placement.kind === 'join' && placement.newParticipant;
  noteConsent(event, world, identity);
  addMessage(change, event, world, { identity: isOurSide(event) ? undefined : identity, newParticipant });
  remember(change.ticket, incoming, world);
  settleLateParent(change, incoming, world);
  world.work.settleClocks(change);
  return decided;
}

/** The exchange and a file of call records tell of the same call: it is noted on the first, as a mail to a second mailbox is. */
function knownCall(event: FeedbackReceived, world: FeedbackWorld): Placement | undefined {
  const known = world.sameCall(event);
  return known === undefined ? undefined : { kind: 'copy', messageId: known.messageId };
}

/** STOP is heard at once, not only when the next answer is refused. */
function noteConsent(event: FeedbackReceived, world: FeedbackWorld, identity: IdentityState | undefined): void {
  const state = consentOf(event);
  if (state === undefined || identity === undefined) return;
  world.work.reachability.push({
    identityId: identity.id,
    channel: event.channel,
    state,
    at: new Date(event.occurredAt),
  });
}

function joined(placement: Placement & { kind: 'join' }, event: FeedbackReceived, world: FeedbackWorld): TicketChange {
  const change = world.work.follow(placement.ticketId);
  if (change === undefined) throw new Error(`ticket ${placement.ticketId} was placed into but is not held`);
  change.ticket.participants = joinParticipants(change.ticket.participants, participantsOf(event));
  return change;
}

function participantsOf(event: FeedbackReceived): string[] {
  const { identity } = event.author;
  return (identity === undefined ? event.recipients : [identity, ...event.recipients]).map(participantKey);
}

function opened(
  placement: Placement & { kind: 'new' | 'follow_up' },
  incoming: IncomingFeedback,
  world: FeedbackWorld,
  identity: IdentityState | undefined,
): TicketChange {
  const { event } = incoming;
  const { work } = world;
  const before = placement.kind === 'follow_up' ? work.find(placement.of) : undefined;
  if (before !== undefined) closeWhenDue(before, work.clock.now);
  const customer = world.customerOf(identity, event);
  const change = work.open(newTicket(incoming, world, customer, identity, before?.ticket));
  change.record('opened', new Date(event.occurredAt), actorOf(event, customer.id), {
    eventId: event.id,
    firstOf: before === undefined ? 'new' : 'follow_up',
    ...(before === undefined ? {} : { followUpOf: before.ticket.id }),
  });
  if (placement.kind === 'new' && placement.related !== undefined) {
    work.suggestions.push({ ticketId: change.ticket.id, relatedTicketId: placement.related, reason: 'related' });
  }
  if (identity !== undefined) world.candidates.push({ ticketId: change.ticket.id, event, identity, customer });
  return change;
}

function newTicket(
  { event, proposedTicketId }: IncomingFeedback,
  world: FeedbackWorld,
  customer: CustomerState,
  identity: IdentityState | undefined,
  before: TicketState | undefined,
): TicketState {
  const { clock } = world.work;
  return {
    id: proposedTicketId,
    number: world.nextNumber(),
    status: 'new',
    priority: before?.priority ?? 'normal',
    subject: event.subject ?? null,
    channel: event.channel,
    account: event.account,
    conversationKey: event.conversationKey,
    customerId: customer.id,
    identityId: identity?.id ?? null,
    organizationId: customer.organizationId,
    segment: customer.segment,
    teamId: before?.teamId ?? null,
    agentId: null,
    categoryId: before?.categoryId ?? null,
    tags: isMissed(event) ? [callBackTag] : [],
    reference: event.reference ?? null,
    language: event.language ?? event.author.locale ?? null,
    participants: [...new Set(participantsOf(event))].slice(0, 200),
    sequence: 0,
    openedAt: new Date(event.occurredAt),
    createdAt: clock.now,
    followUpOf: before?.id ?? null,
    mergedInto: null,
    touched: false,
    answered: false,
    acknowledged: false,
    touches: 0,
    transfers: 0,
    reopens: 0,
    resolvedAt: null,
    windowClosesAt: null,
    resolution: null,
  };
}

function actorOf(event: FeedbackReceived, customerId: string | undefined): Actor {
  if (isOurSide(event)) return { kind: 'agent' };
  return { kind: 'customer', ...(customerId === undefined ? {} : { id: customerId }) };
}

function addMessage(
  change: TicketChange,
  event: FeedbackReceived,
  world: FeedbackWorld,
  by: { readonly identity: IdentityState | undefined; readonly newParticipant: boolean },
): void {
  const { ticket } = change;
  const message = inboundMessage(event, {
    ticketId: ticket.id,
    identityId: by.identity?.id ?? null,
    newParticipant: by.newParticipant,
  });
  const actor = actorOf(event, by.identity?.customerId);
  if (message.answeredAt !== null) {
    ticket.answered = true;
    ticket.touches += 1;
  }
  change.record('message_added', message.occurredAt, actor, {
    messageId: message.id,
    eventId: event.id,
    direction: message.direction,
    automatic: message.automatic,
    channel: message.channel,
  });
  amendEarly(message, world.amendments.get(message.id));
  world.work.addMessage(message);
  world.noteCall(event);
  // A record of what happened long ago changes nothing now.
  if (message.automatic || isImportedCall(event)) return;
  if (message.direction === 'inbound') {
    customerWrote(change, message.occurredAt);
    if (by.identity?.customerId === ticket.customerId) noteWindow(ticket, message, world.windows);
  } else if (message.answeredAt !== null) {
    personAnswered(change, message.answeredAt, actor);
  }
}

/** A word that comes late does not bring the end of the window forward. */
function noteWindow(ticket: TicketState, { channel, kind, occurredAt }: NewMessage, rules: WindowRules): void {
  if (kind === 'erase_request') return;
  const closesAt = windowClosesAt({ channel, kind, at: occurredAt }, rules);
  const known = ticket.windowClosesAt;
  ticket.windowClosesAt = closesAt === null || known === null || known < closesAt ? closesAt : known;
}

/** What was edited or deleted before we saw it is stored as it is now. */
function amendEarly(message: NewMessage, amendment: Amendment | undefined): void {
  if (amendment === undefined) return;
  message.attachments = amendment.attachments ?? message.attachments;
  if (amendment.filesOnly) return;
  message.text = amendment.deletion ? null : amendment.text;
  message.html = amendment.deletion ? null : amendment.html;
  if (amendment.deletion) message.deletedAt = amendment.at;
  else message.editedAt = amendment.at;
}

/** Notes on the conversation and on the Message-IDs, so that later messages find the ticket. */
function remember(ticket: TicketState, { event, material }: IncomingFeedback, world: FeedbackWorld): void {
  const conversation = world.conversations.get(event.conversationKey);
  if (conversation !== undefined && conversation.ticketId !== ticket.id) {
    conversation.ticketId = ticket.id;
    world.touchedConversations.add(conversation);
  }
  if (event.reference !== undefined) world.formReferences.set(event.reference, ticket.id);
  world.numbers.set(ticket.number, ticket.id);
  const own = material === undefined ? undefined : world.references.get(material.own);
  if (own !== undefined && material !== undefined && own.messageId === null) {
    own.ticketId = ticket.id;
    own.messageId = event.id;
    own.revision = material.revision;
    world.touchedReferences.add(own);
  }
}

/** An edit or a deletion may come before what it is about: the store keeps it until then. */
function amend({ event }: IncomingFeedback, world: FeedbackWorld): Decision {
  const { refersTo } = event.provider;
  if (refersTo === undefined) return { kind: 'drop', reason: 'unknown_kind' };
  world.work.amendments.push({
    messageId: feedbackEventId({ channel: event.channel, account: event.account, messageId: refersTo }),
    at: new Date(event.occurredAt),
    deletion: event.kind === 'deletion',
    text: event.text,
    html: event.html ?? null,
    attachments: json(event.attachments),
    filesOnly: event.signals.flags.includes('late_media'),
  });
  return decided;
}
