import type { ActorKind, FactType, TicketChanged, TicketFact, TraceHeaders } from '#contracts';
import type { Clock } from './clock.js';
import { snapshotOf, type TicketState, ticketNumber } from './ticket.js';

export interface Actor {
  readonly kind: ActorKind;
  readonly id?: string;
}

export const system: Actor = { kind: 'system' };

type Envelope = 'id' | 'ticketId' | 'number' | 'sequence' | 'at' | 'actor' | 'snapshot' | 'type';
/** What a fact carries beyond what all facts carry. */
export type FactBody<Type extends FactType> = Omit<TicketFact<Type>, Envelope>;

/** The change of one ticket within a decision: its working copy, and the facts so far, numbered without gaps. */
export class TicketChange {
  readonly facts: TicketChanged[] = [];
  /** Trace context of what caused the change; it travels on with the facts. */
  trace: TraceHeaders = {};
  /** State changed that no fact tells of; it is stored all the same. */
  altered = false;

  constructor(
    readonly ticket: TicketState,
    readonly isNew: boolean,
    private readonly clock: Clock,
    private readonly prefix: string,
  ) {}

  get number(): string {
    return ticketNumber(this.prefix, this.ticket.number);
  }

  /** Call after the state has changed: the fact carries the state behind it. `at` is never before the ticket was opened. */
  record<Type extends FactType>(type: Type, at: Date, actor: Actor, body: FactBody<Type>): TicketFact<Type> {
    const { ticket } = this;
    ticket.sequence += 1;
    const fact = {
      id: this.clock.newId(),
      ticketId: ticket.id,
      number: this.number,
      sequence: ticket.sequence,
      at: (at < ticket.openedAt ? ticket.openedAt : at).toISOString(),
      type,
      actor,
      snapshot: snapshotOf(ticket),
      ...body,
    } as unknown as TicketFact<Type>;
    this.facts.push(fact);
    return fact;
  }
}
