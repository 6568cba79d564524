import { Controller } from '@nestjs/common';
import { contracts, type LedgerRecord } from '#contracts';
import { type BatchContext, BatchHandler, type Consumed, drop, ok, retry } from '#kafka';
import { Database } from '#postgres';
import { foldLedger } from '../domain/ledger-fold.js';
import { LedgerRepository } from '../store/ledger.repository.js';

/** intake.ledger.v1 → counts by source and minute, one transaction a batch. */
@Controller()
export class LedgerHandler {
  constructor(
    private readonly database: Database,
    private readonly ledger: LedgerRepository,
  ) {}

  @BatchHandler(contracts.ledgerRecord)
  async handle(batch: readonly Consumed<LedgerRecord>[], context: BatchContext): Promise<void> {
    const records = batch.map(({ data }) => data);
    await this.database.transaction(
      async (tx) => {
        const known = await this.ledger.lockRuns(
          tx,
          records.map(({ run }) => run),
        );
        const { isNew, runs, counts, spans } = foldLedger(records, known);
        if (!(await this.ledger.saveRuns(tx, runs))) {
          await context.settle(batch.map(() => retry('database_busy')));
          return;
        }
        await this.ledger.addCounts(tx, counts);
        await this.ledger.addSpans(tx, spans);
        await context.settle(isNew.map((fresh) => (fresh ? ok : drop('duplicate'))));
      },
      // The runner repeats a batch, with heartbeats meanwhile.
      { attempts: 1 },
    );
  }
}
