import type { Transaction } from '#postgres';
import type { FeedbackRow } from '../domain/fold.js';
import { type Column, given, instant, namesOf, transpose } from './columns.js';
import type { Tables } from './tables.js';

/** A feedback as it is kept. One that is not counted (an edit, an echo) is kept too: its row is what makes a repetition known. */
export interface KeptFeedback extends FeedbackRow {
  readonly counted: boolean;
}

const columns: Column<KeptFeedback>[] = [
  { name: 'event_id', type: 'uuid', of: ({ eventId }) => eventId },
  { name: 'at', type: 'timestamptz', of: ({ at }) => instant(at) },
  { name: 'channel', type: 'text', of: ({ channel }) => channel },
  { name: 'account', type: 'text', of: ({ account }) => account },
  { name: 'automatic', type: 'boolean', of: ({ automatic }) => automatic },
  { name: 'counted', type: 'boolean', of: ({ counted }) => counted },
];

export class FeedbackRepository {
  readonly #insert: string;

  constructor(private readonly tables: Tables) {
    this.#insert = `insert into ${tables.of('feedback')} (${namesOf(columns)})
      select * from ${given(columns)} on conflict do nothing returning event_id`;
  }

  /**
   * The inbox of feedback.received: inserts and returns the ids that were not known. Sorted, so that two consumers of one
   * partition wait for each other instead of deadlocking; the second then gets none.
   */
  async claim(tx: Transaction, rows: readonly KeptFeedback[]): Promise<Set<string>> {
    const unique = new Map(rows.map((row) => [row.eventId, row]));
    const sorted = [...unique.values()].sort((a, b) => (a.eventId < b.eventId ? -1 : 1));
    const name = this.tables.statement('feedback_claim');
    const claimed = await tx.query<{ event_id: string }>(name, this.#insert, transpose(columns, sorted));
    return new Set(claimed.map((row) => row.event_id));
  }
}
