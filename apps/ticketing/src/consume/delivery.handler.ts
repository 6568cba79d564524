import { Controller, Inject } from '@nestjs/common';
import { contracts, type ReplyDelivery, verifyReplyMessageId } from '#contracts';
import { failpoint } from '#env';
import { type BatchContext, BatchHandler, type Consumed, drop, type Outcome } from '#kafka';
import { claimInbox, Database, type Transaction } from '#postgres';
import { systemClock } from '../domain/clock.js';
import { decideDelivery } from '../domain/decide-delivery.js';
import { referenceKey } from '../domain/thread-material.js';
import { TicketWork } from '../domain/ticket-work.js';
import { DeliveryStore } from '../store/delivery.store.js';
import { OutboxWaker } from '../store/outbox-waker.js';
import { TicketsMovedError, TicketStore } from '../store/ticket.store.js';
import { CONSUME_RULES, type ConsumeRules } from './consume-rules.js';

type Record = Consumed<ReplyDelivery>;

const attempts = 5;

/** reply.delivery.v1: what became of our answers. */
@Controller()
export class DeliveryHandler {
  constructor(
    private readonly database: Database,
    private readonly deliveries: DeliveryStore,
    private readonly tickets: TicketStore,
    private readonly outbox: OutboxWaker,
    @Inject(CONSUME_RULES) private readonly rules: ConsumeRules,
  ) {}

  @BatchHandler(contracts.replyDelivery)
  async consume(records: readonly Record[], context: BatchContext): Promise<void> {
    let alsoHeld: readonly string[] = [];
    for (let attempt = 1; ; attempt++) {
      try {
        await this.database.transaction(async (tx) => {
          const outcomes = await this.process(tx, records, alsoHeld);
          await context.settle(outcomes);
          failpoint('before_commit');
          tx.afterCommit(() => this.outbox.wake());
        });
        failpoint('after_commit');
        return;
      } catch (error) {
        if (!(error instanceof TicketsMovedError) || attempt === attempts) throw error;
        alsoHeld = [...alsoHeld, ...error.ticketIds];
      }
    }
  }

  private async process(tx: Transaction, records: readonly Record[], alsoHeld: readonly string[]): Promise<Outcome[]> {
    const unclaimed = await claimInbox(
      tx,
      records.map(({ id }) => id),
    );
    const fresh = new Set(records.filter(({ id }) => unclaimed.delete(id.toLowerCase())));
    if (fresh.size === 0) return records.map(() => drop('duplicate'));
    const ids = [...new Set([...fresh].map(({ data }) => data.replyId))];
    const before = await this.deliveries.findReplies(tx, ids);
    await this.rememberForeignIds(tx, [...fresh], new Map(before.map(({ id, ticketId }) => [id, ticketId])));
    const work = new TicketWork(systemClock(), this.rules.prefix);
    await this.tickets.lock(tx, work, [...before.map(({ ticketId }) => ticketId), ...alsoHeld]);
    // States change only under the lock of the ticket.
    const replies = new Map((await this.deliveries.findReplies(tx, ids)).map((reply) => [reply.id, reply]));
    await this.tickets.loadClocks(
      tx,
      work,
      [...work.all()].map(({ ticket }) => ticket.id),
    );
    const outcomes = records.map((record): Outcome => {
      if (!fresh.has(record)) return drop('duplicate');
      return decideDelivery(record.data, replies.get(record.data.replyId), work);
    });
    await this.tickets.applyChanges(tx, work);
    return outcomes;
  }

  /** A provider that puts its own Message-ID on our mail: answers will quote that one. */
  private async rememberForeignIds(
    tx: Transaction,
    fresh: readonly Record[],
    tickets: ReadonlyMap<string, string>,
  ): Promise<void> {
    const foreign = fresh.flatMap(({ data: { providerMessageId, replyId } }) => {
      const ticketId = tickets.get(replyId);
      if (providerMessageId === undefined || ticketId === undefined) return [];
      if (verifyReplyMessageId(providerMessageId, this.rules.secrets) !== undefined) return [];
      return [{ key: referenceKey(providerMessageId), messageId: replyId, ticketId }];
    });
    await this.deliveries.rememberReferences(tx, foreign);
  }
}
