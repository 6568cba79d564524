import { Controller } from '@nestjs/common';
import { contracts, type TicketChanged, type UnknownFact } from '#contracts';
import { failpoint } from '#env';
import { type BatchContext, BatchHandler, type Consumed } from '#kafka';
import { Database } from '#postgres';
import { TicketFacts } from './ticket-facts.js';

/** ticket.changed.v1 → facts and rollups, one transaction a batch. */
@Controller()
export class TicketChangedHandler {
  constructor(
    private readonly database: Database,
    private readonly facts: TicketFacts,
  ) {}

  @BatchHandler(contracts.ticketChanged)
  async handle(batch: readonly Consumed<TicketChanged | UnknownFact>[], context: BatchContext): Promise<void> {
    await this.database.transaction(
      async (tx) => {
        const facts = batch.map(({ data }) => data);
        await context.settle(await this.facts.apply(tx, facts));
      },
      // The runner repeats a batch, with heartbeats meanwhile.
      { attempts: 1 },
    );
    failpoint('after_commit');
  }
}
