import type { TicketStatus } from '#contracts';
import { type Actor, system, type TicketChange } from './ticket-change.js';
import { secondsBetween, type TicketState } from './ticket.js';

/** Which status may follow which: the state machine of a ticket. */
type Transitions<Status extends string> = Readonly<Record<Status, readonly Status[]>>;

const ticketTransitions = {
  new: ['open', 'pending', 'on_hold', 'resolved'],
  open: ['pending', 'on_hold', 'resolved'],
  pending: ['open', 'on_hold', 'resolved'],
  on_hold: ['open', 'pending', 'resolved'],
  resolved: ['open', 'closed'],
  closed: [],
} as const satisfies Transitions<TicketStatus>;

export function canMove(from: TicketStatus, to: TicketStatus): boolean {
  return (ticketTransitions[from] as readonly TicketStatus[]).includes(to);
}

const dayMs = 24 * 3_600_000;
/** A resolved ticket closes by itself after this; until then it can be reopened. */
export const reopenWindowMs = 7 * dayMs;

export function isBeyondReopening(ticket: TicketState, now: Date): boolean {
  if (ticket.status === 'closed') return true;
  return ticket.resolvedAt !== null && now.getTime() - ticket.resolvedAt.getTime() >= reopenWindowMs;
}

/** Moves the ticket and records what follows from it. The caller has checked `canMove`. */
export function moveTo(change: TicketChange, to: TicketStatus, at: Date, actor: Actor): void {
  const { ticket } = change;
  const from = ticket.status;
  if (from === to) return;
  ticket.status = to;
  if (from === 'resolved' && to === 'open') reopen(change, at, actor);
  change.record('status_changed', at, actor, { from, to });
  if (to === 'resolved') resolve(change, at, actor);
  if (to === 'closed') {
    ticket.windowClosesAt = null;
    change.record('closed', at, actor, {});
  }
}

function resolve(change: TicketChange, at: Date, actor: Actor): void {
  const { ticket } = change;
  const measures = {
    seconds: secondsBetween(ticket.openedAt, at),
    touches: ticket.touches,
    transfers: ticket.transfers,
  };
  const fact = change.record('resolved', at, actor, measures);
  ticket.resolvedAt = new Date(fact.at);
  ticket.resolution = { factId: fact.id, at: fact.at, ...measures, snapshot: fact.snapshot };
}

function reopen(change: TicketChange, at: Date, actor: Actor): void {
  const { ticket } = change;
  const ended = ticket.resolution;
  ticket.reopens += 1;
  ticket.resolvedAt = null;
  ticket.resolution = null;
  if (ended === null) return;
  change.record('reopened', at, actor, {
    retracts: ended.factId,
    retractedAt: ended.at,
    seconds: ended.seconds,
    touches: ended.touches,
    transfers: ended.transfers,
    retractedSnapshot: ended.snapshot,
  });
}

/** What a customer's message does to the ticket that it joins; automatic mail does nothing. */
export function customerWrote(change: TicketChange, at: Date): void {
  const { status } = change.ticket;
  if (status === 'pending' || status === 'on_hold' || status === 'resolved') {
    moveTo(change, 'open', at, { kind: 'customer' });
  }
}

/** After an answer the ticket waits for the customer. */
export function personAnswered(change: TicketChange, at: Date, actor: Actor): void {
  const { status } = change.ticket;
  if (status === 'new' || status === 'open') moveTo(change, 'pending', at, actor);
}

/** The 7-day timer; true when it closed the ticket. */
export function closeWhenDue(change: TicketChange, now: Date): boolean {
  if (change.ticket.status !== 'resolved' || !isBeyondReopening(change.ticket, now)) return false;
  moveTo(change, 'closed', now, system);
  return true;
}
