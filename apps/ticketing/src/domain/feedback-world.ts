import type { FeedbackReceived, IdentityKind, TraceHeaders } from '#contracts';
import type { WindowRules } from './answer-window.js';
import { findSameCall, type KnownCall, storedCall } from './calls.js';
import type { Amendment } from './message.js';
import type { ReferenceState, ThreadKnowledge } from './threading.js';
import type { ThreadMaterial } from './thread-material.js';
import type { TicketState } from './ticket.js';
import { participantKey } from './ticket.js';
import type { TicketWork } from './ticket-work.js';

export interface CustomerState {
  readonly id: string;
  readonly isNew: boolean;
  readonly name: string | null;
  readonly language: string | null;
  organizationId: string | null;
  segment: string | null;
  /** Times of automatic acknowledgements, the last few. */
  acknowledgedAt: readonly Date[];
  acknowledgedNow: boolean;
}

export interface IdentityState {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly value: string;
  readonly customerId: string;
}

export interface ConversationState {
  readonly key: string;
  ticketId: string | null;
}

/** The newest answer to an identity that left by this channel and account although the customer had written elsewhere. */
export interface ReroutedAnswer {
  readonly identityId: string;
  readonly channel: string;
  readonly account: string;
  readonly ticketId: string;
}

/** A feedback with the thread material that was read out of it; material only for mail. */
export interface IncomingFeedback {
  readonly event: FeedbackReceived;
  readonly material: ThreadMaterial | undefined;
  /** Trace context of the event. */
  readonly trace: TraceHeaders;
  /** The id of its ticket if it opens one; new rows of its conversation and Message-ID name it beforehand where that is sure. */
  readonly proposedTicketId: string;
}

export interface Candidate {
  readonly ticketId: string;
  readonly event: FeedbackReceived;
  readonly identity: IdentityState;
  readonly customer: CustomerState;
}

/** Nothing in the message points anywhere, so it opens a ticket unless the same message is known already. */
export function opensForSure({ event, material }: IncomingFeedback): boolean {
  if (event.channel === 'web_form') return event.kind === 'message';
  if (material === undefined || event.kind !== 'message' || event.signals.autoReply !== 'none') return false;
  const { parents, provenReplies, provenNumbers, claimedNumbers, claimedReferences } = material;
  return [parents, provenReplies, provenNumbers, claimedNumbers, claimedReferences].every(({ length }) => length === 0);
}

/** All that the decisions of one batch may know, loaded beforehand, and what they change beside the tickets. */
export class FeedbackWorld implements ThreadKnowledge {
  readonly identities = new Map<string, IdentityState>();
  readonly customers = new Map<string, CustomerState>();
  readonly conversations = new Map<string, ConversationState>();
  readonly references = new Map<string, ReferenceState>();
  readonly replies = new Map<string, string>();
  readonly numbers = new Map<number, string>();
  readonly formReferences = new Map<string, string>();
  /** Edits and deletions that came before their message. */
  readonly amendments = new Map<string, Amendment>();
  /** Calls on tickets that one of the batch may repeat, by the number called. */
  private readonly calls = new Map<string, KnownCall[]>();
  /** Tickets of rerouted answers, by identity, channel and account. */
  private readonly rerouted = new Map<string, string>();
  /** Newly opened tickets whose author may be told that we have it. */
  readonly candidates: Candidate[] = [];
  readonly touchedReferences = new Set<ReferenceState>();
  readonly touchedConversations = new Set<ConversationState>();

  constructor(
    readonly work: TicketWork,
    /** Ticket numbers reserved for this batch; those left over were not needed. */
    readonly reservedNumbers: number[],
    readonly windows: WindowRules,
  ) {}

  nextNumber(): number {
    const next = this.reservedNumbers.shift();
    if (next === undefined) throw new Error('fewer ticket numbers were reserved than tickets opened');
    return next;
  }

  identityOf(identity: { readonly kind: string; readonly value: string } | undefined): IdentityState | undefined {
    return identity === undefined ? undefined : this.identities.get(participantKey(identity));
  }

  /** The customer behind an identity; without identity a new one that is never matched to another. */
  customerOf(identity: IdentityState | undefined, event: FeedbackReceived): CustomerState {
    const known = identity === undefined ? undefined : this.customers.get(identity.customerId);
    if (known !== undefined) return known;
    const customer = newCustomer(this.work.clock.newId(), event);
    this.customers.set(customer.id, customer);
    return customer;
  }

  addCall(known: KnownCall): void {
    const { to } = known.call;
    this.calls.set(to, [...(this.calls.get(to) ?? []), known]);
  }

  /** So that the next one of the batch finds it. */
  noteCall(event: FeedbackReceived): void {
    const call = storedCall(event);
    if (call !== null) this.addCall({ messageId: event.id, call });
  }

  sameCall(event: FeedbackReceived): KnownCall | undefined {
    const call = storedCall(event);
    return call === null ? undefined : findSameCall(call, this.calls.get(call.to) ?? []);
  }

  reference(key: string): ReferenceState | undefined {
    return this.references.get(key);
  }

  ticket(ticketId: string): TicketState | undefined {
    return this.work.follow(ticketId)?.ticket;
  }

  ticketOfReply(replyId: string): string | undefined {
    return this.replies.get(replyId);
  }

  ticketByNumber(number: number): string | undefined {
    return this.numbers.get(number);
  }

  ticketByFormReference(reference: string): string | undefined {
    return this.formReferences.get(reference);
  }

  addRerouted({ identityId, channel, account, ticketId }: ReroutedAnswer): void {
    this.rerouted.set(`${identityId} ${channel} ${account}`, ticketId);
  }

  ticketAnsweredTo(event: FeedbackReceived): string | undefined {
    const identity = this.identityOf(event.author.identity);
    return identity === undefined ? undefined : this.rerouted.get(`${identity.id} ${event.channel} ${event.account}`);
  }

  ticketOfConversation(key: string): string | undefined {
    return this.conversations.get(key)?.ticketId ?? undefined;
  }
}

export function newCustomer(id: string, event: FeedbackReceived): CustomerState {
  return {
    id,
    isNew: true,
    name: event.author.displayName ?? event.author.identity?.value ?? null,
    language: event.author.locale ?? event.language ?? null,
    organizationId: null,
    segment: null,
    acknowledgedAt: [],
    acknowledgedNow: false,
  };
}
