import type { FeedbackWorld, IncomingFeedback } from './feedback-world.js';
import { mergeTickets } from './merge.js';
import { system, type TicketChange } from './ticket-change.js';
import type { ThreadMaterial } from './thread-material.js';

const waitingLimit = 20;

/**
 * Replies that were consumed before their parent: when it comes, a ticket that people have not touched is merged into
 * the parent's, else suggested. And the other way round: this message notes itself at parents that have not come yet.
 */
export function settleLateParent(
  change: TicketChange,
  { event, material }: IncomingFeedback,
  world: FeedbackWorld,
): void {
  if (material === undefined) return;
  adoptWaiting(change, material, world);
  // Whoever is known not to be the author of his mail must not be merged later either.
  if (event.signals.dmarc === 'fail') return;
  const { ticket } = change;
  for (const key of material.lockedParents) {
    const parent = world.references.get(key);
    if (parent === undefined || parent.waiting.includes(ticket.id)) continue;
    // A message of this very batch may be named beforehand by its row; it has come when its ticket is here.
    if (parent.ticketId !== null && world.ticket(parent.ticketId) !== undefined) continue;
    if (parent.waiting.length >= waitingLimit) continue;
    parent.waiting = [...parent.waiting, ticket.id];
    world.touchedReferences.add(parent);
  }
}

function adoptWaiting(change: TicketChange, material: ThreadMaterial, world: FeedbackWorld): void {
  const own = world.references.get(material.own);
  if (own === undefined || own.waiting.length === 0) return;
  const waiting = own.waiting;
  own.waiting = [];
  world.touchedReferences.add(own);
  for (const ticketId of waiting) {
    const child = world.work.follow(ticketId);
    if (child === undefined || child.ticket.id === change.ticket.id) continue;
    const [author] = child.ticket.participants;
    const vouched = author !== undefined && change.ticket.participants.includes(author);
    if (!child.ticket.touched && vouched && child.ticket.status !== 'closed') {
      mergeTickets(child, change, world.work, system);
    } else {
      world.work.suggestions.push({
        ticketId: change.ticket.id,
        relatedTicketId: child.ticket.id,
        reason: 'late_parent',
      });
    }
  }
}
