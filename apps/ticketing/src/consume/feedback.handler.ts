import { Controller } from '@nestjs/common';
import { contracts, type FeedbackReceived } from '#contracts';
import { failpoint } from '#env';
import { type BatchContext, BatchHandler, type Consumed } from '#kafka';
import { Database } from '#postgres';
import { OutboxWaker } from '../store/outbox-waker.js';
import { TicketsMovedError } from '../store/ticket.store.js';
import { FeedbackBatch } from './feedback.batch.js';

const attempts = 5;

/** feedback.received.v1: one transaction a batch, and again from the start where a ticket was merged meanwhile. */
@Controller()
export class FeedbackHandler {
  constructor(
    private readonly database: Database,
    private readonly batch: FeedbackBatch,
    private readonly outbox: OutboxWaker,
  ) {}

  @BatchHandler(contracts.feedbackReceived)
  async consume(events: readonly Consumed<FeedbackReceived>[], context: BatchContext): Promise<void> {
    let alsoHeld: readonly string[] = [];
    for (let attempt = 1; ; attempt++) {
      try {
        await this.database.transaction(async (tx) => {
          const outcomes = await this.batch.process(tx, events, alsoHeld);
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
}
