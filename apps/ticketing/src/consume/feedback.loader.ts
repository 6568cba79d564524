import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '#postgres';
import { systemClock } from '../domain/clock.js';
import { startsWithinSeconds } from '../domain/calls.js';
import { counterpartOf } from '../domain/decide-feedback.js';
import { FeedbackWorld, type IncomingFeedback, newCustomer, opensForSure } from '../domain/feedback-world.js';
import { isOurSide } from '../domain/message.js';
import { participantKey } from '../domain/ticket.js';
import { TicketWork } from '../domain/ticket-work.js';
import {
  FeedbackStore,
  type ProposedConversation,
  type ProposedIdentity,
  type ProposedReference,
} from '../store/feedback.store.js';
import { TicketStore } from '../store/ticket.store.js';
import { CONSUME_RULES, type ConsumeRules } from './consume-rules.js';
import { TicketNumbers } from './ticket-numbers.js';

/** Locks what the messages of a batch meet on, then the tickets that they may belong to, and loads the rest. */
@Injectable()
export class FeedbackLoader {
  constructor(
    @Inject(CONSUME_RULES) private readonly rules: ConsumeRules,
    private readonly feedback: FeedbackStore,
    private readonly tickets: TicketStore,
    private readonly numbers: TicketNumbers,
  ) {}

  async load(tx: Transaction, batch: readonly IncomingFeedback[], alsoHeld: readonly string[]): Promise<FeedbackWorld> {
    const work = new TicketWork(systemClock(), this.rules.prefix);
    const world = new FeedbackWorld(work, await this.numbers.take(tx, batch.length), this.rules);
    await this.lockIdentities(tx, world, batch);
    await this.lockConversations(tx, world, batch);
    await this.lockReferences(tx, world, batch);
    const candidates = await this.findCandidates(tx, world, batch);
    await this.tickets.lock(tx, work, [...candidates, ...alsoHeld]);
    await this.loadClocks(tx, world, batch);
    await this.loadCalls(tx, world, batch);
    const amendable = batch.filter(({ event }) => event.channel !== 'email' && event.channel !== 'web_form');
    for (const amendment of await this.feedback.takeAmendments(
      tx,
      amendable.map(({ event }) => event.id),
    )) {
      world.amendments.set(amendment.messageId, amendment);
    }
    return world;
  }

  private async loadCalls(tx: Transaction, world: FeedbackWorld, batch: readonly IncomingFeedback[]): Promise<void> {
    const calls = batch.flatMap(({ event }) => event.call ?? []);
    for (const known of await this.feedback.findCalls(tx, calls, startsWithinSeconds)) world.addCall(known);
  }

  /** After the decisions: numbers that no ticket took. */
  giveBackNumbers(world: FeedbackWorld): void {
    this.numbers.giveBack(world.reservedNumbers);
  }

  private async lockIdentities(
    tx: Transaction,
    world: FeedbackWorld,
    batch: readonly IncomingFeedback[],
  ): Promise<void> {
    const { clock } = world.work;
    const proposed = new Map<string, ProposedIdentity>();
    for (const { event } of batch) {
      const identity = counterpartOf(event);
      if (identity === undefined) continue;
      const key = participantKey(identity);
      const known = proposed.get(key);
      const isAuthor = event.kind !== 'echo';
      proposed.set(key, {
        id: known?.id ?? clock.newId(),
        customerId: known?.customerId ?? clock.newId(),
        kind: identity.kind,
        value: identity.value,
        displayName: known?.displayName ?? (isAuthor ? (event.author.displayName ?? null) : null),
        verified: known?.verified === true || (isAuthor && event.author.verified),
      });
      const id = proposed.get(key)?.customerId ?? '';
      if (known === undefined) world.customers.set(id, newCustomer(id, event));
    }
    for (const identity of await this.feedback.lockIdentities(tx, [...proposed.values()], clock.now)) {
      world.identities.set(participantKey(identity), identity);
    }
    await this.loadCustomers(tx, world, [...proposed.values()]);
  }

  /** A known identity keeps its customer; a new one belongs to the organization of its mail domain. */
  private async loadCustomers(
    tx: Transaction,
    world: FeedbackWorld,
    proposed: readonly ProposedIdentity[],
  ): Promise<void> {
    const known: string[] = [];
    const domains = new Map<string, string[]>();
    for (const identity of proposed) {
      const customerId = world.identities.get(participantKey(identity))?.customerId;
      if (customerId !== undefined && customerId !== identity.customerId) {
        world.customers.delete(identity.customerId);
        known.push(customerId);
      } else if (identity.kind === 'email') {
        const domain = identity.value.slice(identity.value.lastIndexOf('@') + 1);
        domains.set(domain, [...(domains.get(domain) ?? []), identity.customerId]);
      }
    }
    for (const customer of await this.feedback.loadCustomers(tx, known)) world.customers.set(customer.id, customer);
    for (const organization of await this.feedback.findOrganizations(tx, [...domains.keys()])) {
      for (const id of domains.get(organization.domain) ?? []) {
        const customer = world.customers.get(id);
        if (customer === undefined) continue;
        customer.organizationId = organization.id;
        customer.segment = organization.segment;
      }
    }
  }

  private async lockConversations(
    tx: Transaction,
    world: FeedbackWorld,
    batch: readonly IncomingFeedback[],
  ): Promise<void> {
    const proposed = new Map<string, ProposedConversation>();
    for (const incoming of batch) {
      const { conversationKey: key, channel, account } = incoming.event;
      const ticketId = opensForSure(incoming) ? incoming.proposedTicketId : null;
      if (!proposed.has(key)) proposed.set(key, { key, channel, account, ticketId });
    }
    for (const conversation of await this.feedback.lockConversations(tx, [...proposed.values()])) {
      world.conversations.set(conversation.key, conversation);
    }
  }

  private async lockReferences(
    tx: Transaction,
    world: FeedbackWorld,
    batch: readonly IncomingFeedback[],
  ): Promise<void> {
    const proposed = new Map<string, ProposedReference>();
    const others = new Set<string>();
    for (const incoming of batch) {
      const { material, event, proposedTicketId } = incoming;
      if (material === undefined) continue;
      const { own, revision, parents, lockedParents } = material;
      for (const key of lockedParents) if (!proposed.has(key)) proposed.set(key, unseen(key));
      for (const key of parents) others.add(key);
      const opens = opensForSure(incoming) && (proposed.get(own)?.messageId ?? null) === null;
      if (opens) proposed.set(own, { key: own, ticketId: proposedTicketId, messageId: event.id, revision });
      else if (!proposed.has(own)) proposed.set(own, unseen(own));
    }
    for (const key of proposed.keys()) others.delete(key);
    for (const reference of await this.feedback.lockReferences(tx, [...proposed.values()])) {
      world.references.set(reference.key, reference);
    }
    for (const reference of await this.feedback.readReferences(tx, [...others]))
      world.references.set(reference.key, reference);
  }

  /** Every ticket that one of the messages could belong to. */
  private async findCandidates(
    tx: Transaction,
    world: FeedbackWorld,
    batch: readonly IncomingFeedback[],
  ): Promise<string[]> {
    const materials = batch.flatMap(({ material }) => (material === undefined ? [] : [material]));
    const replyIds = new Set(materials.flatMap(({ provenReplies }) => provenReplies));
    for (const { event } of batch) if (event.kind === 'echo') replyIds.add(event.id);
    for (const { id, ticketId } of await this.feedback.findMessages(tx, [...replyIds])) {
      if (ticketId !== null) world.replies.set(id, ticketId);
    }
    const numbers = new Set(
      materials.flatMap(({ provenNumbers, claimedNumbers }) => [...provenNumbers, ...claimedNumbers]),
    );
    const references = new Set(materials.flatMap(({ claimedReferences }) => claimedReferences));
    for (const ticket of await this.feedback.findTickets(tx, { numbers: [...numbers], references: [...references] })) {
      world.numbers.set(ticket.number, ticket.id);
      if (ticket.reference !== null) world.formReferences.set(ticket.reference, ticket.id);
    }
    const chatting = batch.filter(({ material, event }) => material === undefined && event.channel !== 'web_form');
    const identities = chatting.flatMap(({ event }) => world.identityOf(event.author.identity)?.id ?? []);
    const rerouted = await this.feedback.findRerouted(tx, [...new Set(identities)]);
    for (const answer of rerouted) world.addRerouted(answer);
    const waiting = [...world.references.values()].flatMap((reference) => [reference.ticketId, ...reference.waiting]);
    const conversations = batch
      .filter(({ material }) => material === undefined)
      .map(({ event }) => world.conversations.get(event.conversationKey)?.ticketId);
    const found = [
      ...world.replies.values(),
      ...world.numbers.values(),
      ...waiting,
      ...conversations,
      ...rerouted.map(({ ticketId }) => ticketId),
    ];
    const proposed = new Set(batch.map(({ proposedTicketId }) => proposedTicketId));
    return found.filter((id): id is string => id !== null && id !== undefined && !proposed.has(id));
  }

  /** Only tickets that a person has answered, or is about to have answered, have response clocks to compare. */
  private async loadClocks(tx: Transaction, world: FeedbackWorld, batch: readonly IncomingFeedback[]): Promise<void> {
    const held = [...world.work.all()].map(({ ticket }) => ticket);
    const merges = [...world.references.values()].some(({ waiting }) => waiting.length > 0);
    const answers = batch.some(({ event }) => isOurSide(event));
    const everyTicket = answers || (merges && held.some(({ answered }) => answered));
    const clocked = held.filter(({ answered }) => everyTicket || answered);
    await this.tickets.loadClocks(
      tx,
      world.work,
      clocked.map(({ id }) => id),
    );
  }
}

/** A Message-ID that is only referred to, so far. */
function unseen(key: string): ProposedReference {
  return { key, ticketId: null, messageId: null, revision: null };
}
