import type { ReplyRequested } from '#contracts';
import type { Clock } from './clock.js';
import type { Amendment, MessageCopy, NewMessage, ReplyProgress } from './message.js';
import type { Reachability } from './reachability.js';
import { type ClockEntry, retractResponse, settleResponses, type StandingResponse } from './response-clock.js';
import { TicketChange } from './ticket-change.js';
import type { TicketState } from './ticket.js';

export interface NewNote {
  readonly id: string;
  readonly ticketId: string;
  readonly agentId: string;
  readonly text: string;
}

export interface NewSuggestion {
  readonly ticketId: string;
  readonly relatedTicketId: string;
  readonly reason: 'related' | 'late_parent';
}

/**
 * One unit of work: the tickets that it holds under lock, and everything that its decisions want stored.
 * Consumers, timers and the API fill one, decide on it, and hand it to the one store path.
 */
export class TicketWork {
  private readonly changes = new Map<string, TicketChange>();
  readonly messages: NewMessage[] = [];
  readonly notes: NewNote[] = [];
  readonly replies: ReplyRequested[] = [];
  /** By message: only the last of several steps in one unit of work is stored. */
  readonly progress = new Map<string, ReplyProgress>();
  readonly amendments: Amendment[] = [];
  readonly copies: MessageCopy[] = [];
  /** All messages of a merged ticket go to the other. */
  readonly moves: { readonly from: string; readonly to: string }[] = [];
  readonly suggestions: NewSuggestion[] = [];
  readonly reachability: Reachability[] = [];
  readonly entries = new Map<string, ClockEntry[]>();
  readonly standing = new Map<string, readonly StandingResponse[]>();
  /** Fact ids of responses that no longer stand, and tickets' new ones. */
  readonly retracted: string[] = [];
  readonly responded: { readonly ticketId: string; readonly response: StandingResponse }[] = [];

  constructor(
    readonly clock: Clock,
    readonly prefix: string,
  ) {}

  hold(ticket: TicketState): TicketChange {
    const change = new TicketChange(ticket, false, this.clock, this.prefix);
    this.changes.set(ticket.id, change);
    return change;
  }

  open(ticket: TicketState): TicketChange {
    const change = new TicketChange(ticket, true, this.clock, this.prefix);
    this.changes.set(ticket.id, change);
    return change;
  }

  find(ticketId: string): TicketChange | undefined {
    return this.changes.get(ticketId);
  }

  /** The ticket that stands for this one after merges. Undefined: not held by this unit of work. */
  follow(ticketId: string): TicketChange | undefined {
    const change = this.changes.get(ticketId);
    const target = change?.ticket.mergedInto;
    return target === null || target === undefined ? change : this.follow(target);
  }

  all(): IterableIterator<TicketChange> {
    return this.changes.values();
  }

  addMessage(message: NewMessage): void {
    this.messages.push(message);
    if (message.ticketId === null || message.automatic) return;
    if (message.direction === 'inbound') {
      this.addEntry(message.ticketId, { messageId: message.id, side: 'customer', at: message.occurredAt });
    } else if (message.answeredAt !== null) {
      this.addEntry(message.ticketId, { messageId: message.id, side: 'answer', at: message.answeredAt });
    }
  }

  addEntry(ticketId: string, entry: ClockEntry): void {
    const known = this.entries.get(ticketId);
    if (known === undefined) this.entries.set(ticketId, [entry]);
    else known.push(entry);
  }

  removeEntry(ticketId: string, messageId: string): void {
    const known = this.entries.get(ticketId) ?? [];
    this.entries.set(
      ticketId,
      known.filter((entry) => entry.messageId !== messageId),
    );
  }

  /** Compares the response clocks with what was recorded; facts come of what changed. */
  settleClocks(change: TicketChange): void {
    const { ticket } = change;
    if (!ticket.answered) return;
    const before = this.standing.get(ticket.id) ?? [];
    const after = settleResponses(change, before, this.entries.get(ticket.id) ?? [], this.clock.now);
    this.standing.set(ticket.id, after);
    for (const old of before) if (!after.includes(old)) this.forget(old.factId);
    for (const response of after)
      if (!before.includes(response)) this.responded.push({ ticketId: ticket.id, response });
  }

  /** Takes back every response of a ticket, for example because its messages move to another. */
  retractAll(change: TicketChange): void {
    for (const old of this.standing.get(change.ticket.id) ?? []) {
      retractResponse(change, old, this.clock.now);
      this.forget(old.factId);
    }
    this.standing.set(change.ticket.id, []);
  }

  private forget(factId: string): void {
    const pending = this.responded.findIndex(({ response }) => response.factId === factId);
    if (pending >= 0) this.responded.splice(pending, 1);
    else this.retracted.push(factId);
  }
}
