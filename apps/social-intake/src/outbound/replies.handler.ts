import { Controller } from '@nestjs/common';
import { contracts, type ReplyRequested, topics } from '#contracts';
import { ReplyWorker } from '#intake';
import { type BatchContext, BatchHandler, type Consumed } from '#kafka';

/** Answers by social networks enter the queue of libs/intake here; SocialSender is its way out. */
@Controller()
export class RepliesHandler {
  constructor(private readonly worker: ReplyWorker) {}

  @BatchHandler({ topic: topics.replyRequested('social'), contract: contracts.replyRequested })
  async enqueue(batch: readonly Consumed<ReplyRequested>[], context: BatchContext): Promise<void> {
    await this.worker.enqueue(batch, context);
  }
}
