import type { TicketChanged } from '#contracts';
import type { FactRow } from './fact-row.js';
import { foldFact } from './fold.js';

/** Folds facts in their order, knowing what each reply was last counted as: from the store, then from the batch itself. */
export class ReplyLedger {
  readonly #counted = new Map<string, FactRow>();

  constructor(stored: Iterable<FactRow>) {
    for (const row of stored) this.#remember(row);
  }

  fold(fact: TicketChanged): FactRow[] {
    const rows = foldFact(fact, (replyId) => this.#counted.get(replyId));
    for (const row of rows) this.#remember(row);
    return rows;
  }

  #remember(row: FactRow): void {
    if (row.replyId === undefined) return;
    if (row.weight > 0) this.#counted.set(row.replyId, row);
    else if (this.#counted.get(row.replyId)?.measure === row.measure) this.#counted.delete(row.replyId);
  }
}
