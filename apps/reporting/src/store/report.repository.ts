import { Injectable } from '@nestjs/common';
import { Database, databaseErrorCode, type Transaction } from '#postgres';
import type { Counted } from '../domain/answer.js';
import type { Plan, Question } from '../domain/question.js';
import { CellCounts } from './cell-counts.js';
import { FactCounts } from './fact-counts.js';
import { LedgerCounts } from './ledger-counts.js';
import { Tables } from './tables.js';
import { ZoneRepository } from './zone.repository.js';

/** The question would take longer than it may. */
export class TooWideError extends Error {
  override readonly name = 'TooWideError';
}

const limitMs = 5_000;
const queryCanceled = '57014';

type Answerable = Exclude<Plan, { from: 'nowhere' }>;

/** Reads what reports are made of, in one snapshot and within 5 s a statement. */
@Injectable()
export class ReportRepository {
  readonly #zones = new ZoneRepository(new Tables(), []);

  constructor(private readonly database: Database) {}

  /** @throws TooWideError */
  async count(question: Question, planWith: (zones: readonly string[]) => Answerable): Promise<Counted> {
    return this.snapshot(async (tx) => {
      const plan = planWith(await this.#zones.names(tx));
      const source =
        plan.from === 'facts'
          ? new FactCounts(question)
          : new CellCounts(question, plan.set, plan.from === 'days' ? 'day' : 'quarter');
      const counted = await source.count(tx);
      const ofLedger = await new LedgerCounts(question).count(tx);
      return { ...counted, groups: [...counted.groups, ...ofLedger] };
    });
  }

  /** Runs reads that must fit each other. @throws TooWideError */
  async snapshot<T>(read: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      return await this.database.transaction(
        async (tx) => {
          const limit = `set local statement_timeout = ${limitMs}`;
          await tx.execute('', `set transaction isolation level repeatable read, read only; ${limit}`);
          return read(tx);
        },
        { attempts: 1 },
      );
    } catch (error) {
      if (databaseErrorCode(error) === queryCanceled) throw new TooWideError('over the limit', { cause: error });
      throw error;
    }
  }
}
