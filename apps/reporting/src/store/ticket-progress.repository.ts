import type { Transaction } from '#postgres';
import type { Tables } from './tables.js';

/** How far each ticket's facts have been counted; its row is the lock under which they are. */
export class TicketProgressRepository {
  readonly #claim: string;
  readonly #lock: string;
  readonly #advance: string;

  constructor(private readonly tables: Tables) {
    const table = tables.of('ticket_progress');
    const given = 'unnest($1::uuid[], $2::int[]) as given (ticket_id, last_sequence)';
    this.#claim = `insert into ${table} (ticket_id, last_sequence) select ticket_id, last_sequence from ${given}
      on conflict do nothing returning ticket_id`;
    this.#lock = `select ticket_id, last_sequence from ${table} where ticket_id = any($1::uuid[]) order by ticket_id for update`;
    this.#advance = `update ${table} set last_sequence = given.last_sequence from ${given}
      where ${table}.ticket_id = given.ticket_id`;
  }

  /** Inserts tickets that are not known, with the sequence that they will have reached at commit; returns which. Ids sorted. */
  async claimNew(tx: Transaction, reached: ReadonlyMap<string, number>): Promise<Set<string>> {
    if (reached.size === 0) return new Set();
    const ids = [...reached.keys()].sort();
    const sequences = ids.map((id) => reached.get(id));
    const name = this.tables.statement('progress_claim');
    const rows = await tx.query<{ ticket_id: string }>(name, this.#claim, [ids, sequences]);
    return new Set(rows.map((row) => row.ticket_id));
  }

  /** Locks known tickets and returns the last sequence of each. */
  async lock(tx: Transaction, ticketIds: readonly string[]): Promise<Map<string, number>> {
    if (ticketIds.length === 0) return new Map();
    const name = this.tables.statement('progress_lock');
    const rows = await tx.query<{ ticket_id: string; last_sequence: number }>(name, this.#lock, [ticketIds]);
    return new Map(rows.map((row) => [row.ticket_id, row.last_sequence]));
  }

  async advance(tx: Transaction, reached: ReadonlyMap<string, number>): Promise<void> {
    if (reached.size === 0) return;
    const name = this.tables.statement('progress_advance');
    await tx.execute(name, this.#advance, [[...reached.keys()], [...reached.values()]]);
  }
}
