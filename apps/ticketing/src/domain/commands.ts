import type { TicketPriority, TicketStatus } from '#contracts';
import { mergeTickets } from './merge.js';
import { type AnswerRequest, requestAnswer } from './reply.js';
import { canMove, moveTo, personAnswered } from './status.js';
import type { Actor, TicketChange } from './ticket-change.js';
import type { TicketWork } from './ticket-work.js';

/** Why a command cannot be followed. Expected, so it is returned, not thrown. */
export type Refusal =
  | { readonly kind: 'refused'; readonly reason: 'merged'; readonly into: string }
  | { readonly kind: 'refused'; readonly reason: 'closed' | 'same_ticket' }
  | { readonly kind: 'refused'; readonly reason: 'transition'; readonly from: TicketStatus; readonly to: TicketStatus };
export type Outcome<Result> = { readonly kind: 'done'; readonly result: Result } | Refusal;

const done = <Result>(result: Result): Outcome<Result> => ({ kind: 'done', result });

function refusalOf(change: TicketChange): Refusal | undefined {
  const { mergedInto, status } = change.ticket;
  if (mergedInto !== null) return { kind: 'refused', reason: 'merged', into: mergedInto };
  return status === 'closed' ? { kind: 'refused', reason: 'closed' } : undefined;
}

/** What an agent wants of a ticket; absent fields stay as they are, null clears. */
export interface TicketPatch {
  readonly status?: TicketStatus;
  readonly priority?: TicketPriority;
  readonly categoryId?: string | null;
  readonly teamId?: string | null;
  readonly agentId?: string | null;
  readonly tags?: readonly string[];
}

export function changeTicket(change: TicketChange, work: TicketWork, actor: Actor, patch: TicketPatch): Outcome<void> {
  const refusal = refusalOf(change);
  if (refusal !== undefined) return refusal;
  const { ticket } = change;
  const { now } = work.clock;
  const { status } = patch;
  if (status !== undefined && status !== ticket.status && !canMove(ticket.status, status)) {
    return { kind: 'refused', reason: 'transition', from: ticket.status, to: status };
  }
  const before = change.facts.length;
  assign(change, now, actor, patch);
  if (patch.priority !== undefined && patch.priority !== ticket.priority) {
    const from = ticket.priority;
    ticket.priority = patch.priority;
    change.record('priority_changed', now, actor, { from, to: patch.priority });
  }
  if (patch.categoryId !== undefined && patch.categoryId !== ticket.categoryId) {
    const from = ticket.categoryId;
    ticket.categoryId = patch.categoryId;
    change.record('category_changed', now, actor, { ...named('from', from), ...named('to', patch.categoryId) });
  }
  if (patch.tags !== undefined) retag(change, now, actor, patch.tags);
  if (status !== undefined) moveTo(change, status, now, actor);
  if (change.facts.length > before) ticket.touched = true;
  return done(undefined);
}

/** An optional property of a fact: absent rather than null. */
function named<Key extends string>(key: Key, value: string | null): { readonly [Name in Key]?: string } {
  return (value === null ? {} : { [key]: value }) as { readonly [Name in Key]?: string };
}

function assign(change: TicketChange, now: Date, actor: Actor, patch: TicketPatch): void {
  const { ticket } = change;
  const toTeam = patch.teamId === undefined ? ticket.teamId : patch.teamId;
  const toAgent = patch.agentId === undefined ? ticket.agentId : patch.agentId;
  const { teamId: fromTeam, agentId: fromAgent } = ticket;
  if (toTeam === fromTeam && toAgent === fromAgent) return;
  const transfer = fromTeam !== null && toTeam !== fromTeam;
  ticket.teamId = toTeam;
  ticket.agentId = toAgent;
  if (transfer) ticket.transfers += 1;
  change.record('assigned', now, actor, {
    ...named('fromTeam', fromTeam),
    ...named('toTeam', toTeam),
    ...named('fromAgent', fromAgent),
    ...named('toAgent', toAgent),
    transfer,
  });
}

function retag(change: TicketChange, now: Date, actor: Actor, tags: readonly string[]): void {
  const { ticket } = change;
  const wanted = [...new Set(tags)];
  const added = wanted.filter((tag) => !ticket.tags.includes(tag));
  const removed = ticket.tags.filter((tag) => !wanted.includes(tag));
  if (added.length + removed.length === 0) return;
  ticket.tags = wanted;
  change.record('tags_changed', now, actor, { added, removed });
}

/** An agent's answer: asked of the channel's intake, and the ticket waits for the customer unless the agent says otherwise. */
export function reply(
  change: TicketChange,
  work: TicketWork,
  actor: Actor,
  request: AnswerRequest & { readonly status?: TicketStatus },
): Outcome<string> {
  const refusal = refusalOf(change);
  if (refusal !== undefined) return refusal;
  const { status } = request;
  const { ticket } = change;
  if (status !== undefined && status !== ticket.status && !canMove(ticket.status, status)) {
    return { kind: 'refused', reason: 'transition', from: ticket.status, to: status };
  }
  const id = requestAnswer(change, work, actor, request);
  if (status === undefined) personAnswered(change, work.clock.now, actor);
  else moveTo(change, status, work.clock.now, actor);
  return done(id);
}

/** A note may be added to a closed ticket too. */
export function addNote(
  change: TicketChange,
  work: TicketWork,
  actor: Actor & { readonly id: string },
  text: string,
): string {
  const id = work.clock.newId();
  change.ticket.touched = true;
  work.notes.push({ id, ticketId: change.ticket.id, agentId: actor.id, text });
  change.record('note_added', work.clock.now, actor, { noteId: id });
  return id;
}

export function merge(source: TicketChange, target: TicketChange, work: TicketWork, actor: Actor): Outcome<void> {
  if (source.ticket.id === target.ticket.id) return { kind: 'refused', reason: 'same_ticket' };
  for (const change of [source, target]) {
    const { mergedInto } = change.ticket;
    if (mergedInto !== null) return { kind: 'refused', reason: 'merged', into: mergedInto };
  }
  if (target.ticket.status === 'closed') return { kind: 'refused', reason: 'closed' };
  target.ticket.touched = true;
  mergeTickets(source, target, work, actor);
  return done(undefined);
}

/** The customer turned out to be of another organization or to be another one. */
export function linkCustomer(
  change: TicketChange,
  work: TicketWork,
  actor: Actor,
  to: { readonly customerId: string; readonly organizationId: string | null; readonly segment: string | null },
): void {
  const { ticket } = change;
  const { customerId: from, organizationId, segment } = ticket;
  if (from === to.customerId && organizationId === to.organizationId && segment === to.segment) return;
  ticket.customerId = to.customerId;
  ticket.organizationId = to.organizationId;
  ticket.segment = to.segment;
  change.record('customer_linked', work.clock.now, actor, {
    from,
    to: to.customerId,
    ...named('fromOrganizationId', organizationId),
    ...named('fromSegment', segment),
  });
}
