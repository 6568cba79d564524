import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { TicketChanged, TicketFact, TicketSnapshot } from '#contracts';

/** One random thing that happens to a ticket; what makes no sense in its state is left out. */
interface Step {
  readonly what:
    | 'assigned'
    | 'category_changed'
    | 'priority_changed'
    | 'customer_linked'
    | 'responded'
    | 'response_retracted'
    | 'reply_state_changed'
    | 'resolved'
    | 'reopened'
    | 'merged'
    | 'note_added';
  /** Minutes after the step before. */
  readonly after: number;
  readonly pick: number;
  readonly seconds: number;
}

const names = (prefix: string) => [1, 2, 3].map((n) => `${prefix}000000-0000-4000-8000-00000000000${n}`);
const teams = names('aa');
const agents = names('bb');
const categories = names('cc');
const organizations = names('dd');
const segments = ['school', 'hospital', 'court'];
const priorities = ['low', 'normal', 'urgent'] as const;
const accounts = [
  ['email', 'support'],
  ['email', 'sales'],
  ['web_form', 'contact'],
] as const;
const replyStates = ['sent', 'failed', 'uncertain', 'delivered', 'sending'] as const;

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(
    'assigned',
    'category_changed',
    'priority_changed',
    'customer_linked',
    'responded',
    'response_retracted',
    'reply_state_changed',
    'resolved',
    'reopened',
    'merged',
    'note_added',
  ),
  after: fc.integer({ min: 0, max: 2_000 }),
  pick: fc.integer({ min: 0, max: 59 }),
  seconds: fc.integer({ min: 0, max: 2_000_000_000 }).map((ms) => ms / 1000),
});

/** The facts of one ticket in their sequence, as ticketing would write them. */
export const ticketLife: fc.Arbitrary<TicketChanged[]> = fc
  .record({ start: fc.integer({ min: 0, max: 20_000 }), account: fc.nat({ max: 2 }), steps: fc.array(step) })
  .map(({ start, account, steps }) => new Life(start, account).live(steps));

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** 2026-03-01T00:00:00Z. */
const beginning = Date.UTC(2026, 2, 1);

class Life {
  readonly #ticketId = randomUUID();
  readonly #number = `PH-${Math.floor(Math.random() * 1e9)}`;
  readonly #facts: TicketChanged[] = [];
  readonly #replies: string[] = [];
  #at: number;
  #merged = false;
  #snapshot: Mutable<TicketSnapshot>;
  #response: TicketFact<'responded'> | undefined;

  constructor(startMinutes: number, account: number) {
    this.#at = beginning + startMinutes * 60_000;
    const [channel, name] = accounts[account]!;
    this.#snapshot = { channel, account: name, priority: 'normal', status: 'new' };
  }

  live(steps: readonly Step[]): TicketChanged[] {
    this.#add({ type: 'opened', firstOf: 'new' });
    for (const step of steps) {
      if (this.#merged) break;
      this.#at += step.after * 60_000;
      this.#take(step);
    }
    return this.#facts;
  }

  #add<Fact extends Partial<TicketChanged>>(carried: Fact): TicketChanged & Fact {
    const fact = {
      id: randomUUID(),
      ticketId: this.#ticketId,
      number: this.#number,
      sequence: this.#facts.length + 1,
      at: new Date(this.#at).toISOString(),
      actor: { kind: 'agent' },
      snapshot: { ...this.#snapshot },
      ...carried,
    } as TicketChanged & Fact;
    this.#facts.push(fact);
    return fact;
  }

  #take({ what, pick, seconds }: Step): void {
    const now = this.#snapshot;
    const before = { ...now };
    const open = now.status !== 'resolved';
    const third = pick % 3;
    const resolution = this.#facts.findLast((fact) => fact.type === 'resolved');
    switch (what) {
      case 'assigned': {
        now.team = teams[third]!;
        now.agent = agents[Math.floor(pick / 3) % 3]!;
        const from = {
          ...(before.team && { fromTeam: before.team }),
          ...(before.agent && { fromAgent: before.agent }),
        };
        this.#add({ type: what, ...from, toTeam: now.team, toAgent: now.agent, transfer: before.team !== undefined });
        return;
      }
      case 'category_changed':
        now.category = categories[third]!;
        this.#add({ type: what, ...(before.category && { from: before.category }), to: now.category });
        return;
      case 'priority_changed':
        now.priority = priorities[third]!;
        this.#add({ type: what, from: before.priority, to: now.priority });
        return;
      case 'customer_linked':
        now.organizationId = organizations[third]!;
        now.segment = segments[Math.floor(pick / 3) % 3]!;
        this.#add({
          type: what,
          ...(before.organizationId && { fromOrganizationId: before.organizationId }),
          ...(before.segment && { fromSegment: before.segment }),
        });
        return;
      case 'responded':
        this.#response = this.#add({
          type: what,
          clock: third === 0 ? 'first' : 'next',
          waitSeconds: seconds,
          messageId: randomUUID(),
        });
        return;
      case 'response_retracted': {
        const taken = this.#response;
        if (taken === undefined) return;
        this.#response = undefined;
        this.#add({
          type: what,
          clock: taken.clock,
          retracts: taken.id,
          retractedAt: taken.at,
          waitSeconds: taken.waitSeconds,
          retractedSnapshot: taken.snapshot,
        });
        return;
      }
      case 'reply_state_changed': {
        if (pick % 4 === 0 || this.#replies.length === 0) this.#replies.push(randomUUID());
        const replyId = this.#replies[pick % this.#replies.length]!;
        this.#add({ type: what, replyId, state: replyStates[pick % 5]!, automatic: pick % 7 === 0 });
        return;
      }
      case 'resolved':
        if (!open) return;
        now.status = 'resolved';
        this.#add({ type: what, seconds, touches: third, transfers: pick % 2 });
        return;
      case 'reopened':
        if (open || resolution === undefined) return;
        now.status = 'open';
        this.#add({
          type: what,
          retracts: resolution.id,
          retractedAt: resolution.at,
          seconds: resolution.seconds,
          touches: resolution.touches,
          transfers: resolution.transfers,
          retractedSnapshot: resolution.snapshot,
        });
        return;
      case 'merged':
        this.#merged = true;
        now.status = 'closed';
        this.#add({ type: what, into: randomUUID(), wasOpen: open });
        return;
      case 'note_added':
        this.#add({ type: what, noteId: randomUUID() });
    }
  }
}
