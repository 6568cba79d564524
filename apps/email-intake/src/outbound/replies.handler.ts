import { Controller, Inject } from '@nestjs/common';
import { contracts, type ReplyRequested, topics } from '#contracts';
import { type BatchContext, BatchHandler, type Consumed, ok } from '#kafka';
import { Database } from '#postgres';
import { OutboundRepository } from '../store/outbound.repository.js';
import { ReplyWorker } from './reply.worker.js';

/** Requests for replies only enter the queue here; the worker sends them. The reply id makes a redelivery harmless. */
@Controller()
export class RepliesHandler {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(OutboundRepository) private readonly outbound: OutboundRepository,
    @Inject(ReplyWorker) private readonly worker: ReplyWorker,
  ) {}

  @BatchHandler({ topic: topics.replyRequested('email'), contract: contracts.replyRequested })
  async enqueue(batch: readonly Consumed<ReplyRequested>[], context: BatchContext): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.outbound.insert(
        tx,
        batch.map(({ data }) => ({ ...data, kind: 'reply' })),
      );
      tx.afterCommit(() => this.worker.wake());
      await context.settle(batch.map(() => ok));
    });
  }
}
