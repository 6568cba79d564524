import { isOpen, joinParticipants } from './ticket.js';
import type { Actor, TicketChange } from './ticket-change.js';
import type { TicketWork } from './ticket-work.js';
import { moveTo } from './status.js';

/**
 * Merges one ticket into another: its messages move, its number leads to the other from now on, its responses are taken
 * back and counted again where the messages are now. Both are held; the source is not merged yet.
 */
export function mergeTickets(source: TicketChange, target: TicketChange, work: TicketWork, actor: Actor): void {
  const from = source.ticket;
  const into = target.ticket;
  const { now } = work.clock;
  const wasOpen = isOpen(from);
  work.retractAll(source);
  from.mergedInto = into.id;
  from.status = 'closed';
  source.record('merged', now, actor, { into: into.id, wasOpen });

  into.participants = joinParticipants(into.participants, from.participants);
  into.answered ||= from.answered;
  into.acknowledged ||= from.acknowledged;
  into.touched ||= from.touched;
  into.touches += from.touches;
  into.windowClosesAt = later(into.windowClosesAt, from.windowClosesAt);
  from.windowClosesAt = null;
  target.altered = true;
  const added = from.tags.filter((tag) => !into.tags.includes(tag));
  if (added.length > 0) {
    into.tags = [...into.tags, ...added];
    target.record('tags_changed', now, actor, { added, removed: [] });
  }
  moveMessages(from.id, into.id, work);
  // An open question came along.
  if (wasOpen && !isOpen(into) && into.status === 'resolved') moveTo(target, 'open', now, actor);
  work.settleClocks(target);
}

function later(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

function moveMessages(from: string, to: string, work: TicketWork): void {
  work.moves.push({ from, to });
  for (const message of work.messages) if (message.ticketId === from) message.ticketId = to;
  for (const entry of work.entries.get(from) ?? []) work.addEntry(to, entry);
  work.entries.delete(from);
}
