import { isKnownFact, type TicketChanged, type UnknownFact } from '#contracts';
import { deadLetter, drop, type Outcome, ok } from '#kafka';
import type { Transaction } from '#postgres';
import type { FactRow } from '../domain/fact-row.js';
import { Increments } from '../domain/increments.js';
import { ReplyLedger } from '../domain/reply-ledger.js';
import type { FactRepository } from '../store/fact.repository.js';
import type { RollupRepository } from '../store/rollup.repository.js';
import type { TicketProgressRepository } from '../store/ticket-progress.repository.js';
import { planByIndex } from '../store/plan-by-index.js';
import type { ZoneRepository } from '../store/zone.repository.js';

type Fact = TicketChanged | UnknownFact;

/** Counts a batch of facts in one transaction: lock the tickets, judge the sequence, fold, store. */
export class TicketFacts {
  constructor(
    private readonly progress: TicketProgressRepository,
    private readonly facts: FactRepository,
    private readonly rollups: RollupRepository,
    private readonly zones: ZoneRepository,
  ) {}

  /** One outcome per fact, in order. The rows of the rollups are written last: all writers meet on those of today. */
  async apply(tx: Transaction, batch: readonly Fact[]): Promise<Outcome[]> {
    await planByIndex(tx);
    const before = await this.#lockTickets(tx, batch);
    const { outcomes, accepted, reached } = judgeSequence(batch, before);
    const rows = await this.#fold(tx, accepted);
    await this.progress.advance(tx, without(reached, before.claimed));
    await this.facts.insert(tx, rows);
    const increments = new Increments();
    for (const row of rows) increments.addFact(row);
    if (rows.length > 0) await this.rollups.add(tx, increments, await this.zones.load(tx));
    return outcomes;
  }

  /**
   * The row of a ticket is its inbox: nobody else counts facts of it until we commit. A new ticket's row is inserted with
   * the sequence that its facts in this batch will reach, which saves writing it twice.
   */
  async #lockTickets(tx: Transaction, batch: readonly Fact[]): Promise<LockedTickets> {
    const fresh = new Map<string, number>();
    const known = new Set<string>();
    for (const fact of batch) {
      const [ticketId, sequence] = [ticketOf(fact), fact.sequence];
      const next = fresh.get(ticketId);
      if (next === undefined && sequence === 1 && !known.has(ticketId)) fresh.set(ticketId, 1);
      else if (next === undefined) known.add(ticketId);
      else if (sequence === next + 1) fresh.set(ticketId, sequence);
    }
    const claimed = await this.progress.claimNew(tx, fresh);
    for (const ticketId of fresh.keys()) if (!claimed.has(ticketId)) known.add(ticketId);
    return { claimed, lastSequence: await this.progress.lock(tx, [...known].sort()) };
  }

  async #fold(tx: Transaction, accepted: readonly Fact[]): Promise<FactRow[]> {
    const facts = accepted.filter(isKnownFact);
    const replyIds = facts.flatMap((fact) => (fact.type === 'reply_state_changed' ? [fact.replyId] : []));
    const replies = new ReplyLedger(await this.facts.findCountedReplies(tx, replyIds));
    return facts.flatMap((fact) => replies.fold(fact));
  }
}

/** As the database writes it. */
const ticketOf = (fact: Fact) => fact.ticketId.toLowerCase();

interface LockedTickets {
  /** New tickets, none of whose facts has been counted. */
  readonly claimed: ReadonlySet<string>;
  readonly lastSequence: ReadonlyMap<string, number>;
}

/**
 * The facts of a ticket count once each and without a gap. A fact behind a gap, and all that follow it, wait in quarantine
 * until the missing one has been found. One of an unknown type only advances the sequence.
 */
function judgeSequence(batch: readonly Fact[], { lastSequence }: LockedTickets) {
  const reached = new Map<string, number>();
  const accepted: Fact[] = [];
  const outcomes = batch.map((fact): Outcome => {
    const ticketId = ticketOf(fact);
    const last = reached.get(ticketId) ?? lastSequence.get(ticketId) ?? 0;
    if (fact.sequence <= last) return drop('stale_sequence');
    if (fact.sequence > last + 1)
      return deadLetter('gap', 'judge_sequence', `expected ${last + 1}, got ${fact.sequence}`);
    reached.set(ticketId, fact.sequence);
    accepted.push(fact);
    return ok;
  });
  return { outcomes, accepted, reached };
}

function without(reached: ReadonlyMap<string, number>, claimed: ReadonlySet<string>): Map<string, number> {
  return new Map([...reached].filter(([ticketId]) => !claimed.has(ticketId)));
}
