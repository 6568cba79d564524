import { Controller } from '@nestjs/common';
import { contracts, type FeedbackReceived } from '#contracts';
import { failpoint } from '#env';
import { type BatchContext, BatchHandler, type Consumed } from '#kafka';
import { Database } from '#postgres';
import { ReceivedFeedback } from './received-feedback.js';

/** feedback.received.v1 → feedback rows and rollups, one transaction a batch. */
@Controller()
export class FeedbackReceivedHandler {
  constructor(
    private readonly database: Database,
    private readonly feedback: ReceivedFeedback,
  ) {}

  @BatchHandler(contracts.feedbackReceived)
  async handle(batch: readonly Consumed<FeedbackReceived>[], context: BatchContext): Promise<void> {
    await this.database.transaction(
      async (tx) => {
        const events = batch.map(({ data }) => data);
        await context.settle(await this.feedback.apply(tx, events));
      },
      // The runner repeats a batch, with heartbeats meanwhile.
      { attempts: 1 },
    );
    failpoint('after_commit');
  }
}
