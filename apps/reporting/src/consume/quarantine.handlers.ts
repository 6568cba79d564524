import { Controller, type Type } from '@nestjs/common';
import { type App, apps, contracts, type DeadLetter, type QuarantineResolved, topics } from '#contracts';
import { type BatchContext, BatchHandler, type Consumed, ok } from '#kafka';
import { Database } from '#postgres';
import { QuarantineRepository } from '../store/quarantine.repository.js';

/** dead.<app>.v1 → the list of what waits, one transaction a batch. Every app's topic has its handler. */
function deadLetterHandler(app: App): Type {
  @Controller()
  class DeadLetterHandler {
    constructor(
      private readonly database: Database,
      private readonly quarantine: QuarantineRepository,
    ) {}

    @BatchHandler({ topic: topics.dead(app), contract: contracts.deadLetter })
    async handle(batch: readonly Consumed<DeadLetter>[], context: BatchContext): Promise<void> {
      await this.database.transaction(
        async (tx) => {
          await this.quarantine.addLetters(
            tx,
            batch.map(({ data }) => data),
          );
          await context.settle(batch.map(() => ok));
        },
        { attempts: 1 },
      );
    }
  }
  return DeadLetterHandler;
}

/** quarantine.resolved.v1 → what operators did about them. */
@Controller()
export class QuarantineResolvedHandler {
  constructor(
    private readonly database: Database,
    private readonly quarantine: QuarantineRepository,
  ) {}

  @BatchHandler(contracts.quarantineResolved)
  async handle(batch: readonly Consumed<QuarantineResolved>[], context: BatchContext): Promise<void> {
    await this.database.transaction(
      async (tx) => {
        await this.quarantine.addResolutions(
          tx,
          batch.map(({ data }) => data),
        );
        await context.settle(batch.map(() => ok));
      },
      { attempts: 1 },
    );
  }
}

export const deadLetterHandlers = apps.map(deadLetterHandler);
/** What they read. */
export const quarantineTopics = [...apps.map((app) => topics.dead(app)), topics.quarantineResolved];
