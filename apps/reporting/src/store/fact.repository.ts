import type { Transaction } from '#postgres';
import { type Dimension, dimensions } from '../domain/dimensions.js';
import { type FactRow, type Measure, measureCodes } from '../domain/fact-row.js';
import { type Column, given, instant, namesOf, transpose } from './columns.js';
import type { Tables } from './tables.js';

const columns: Column<FactRow>[] = [
  { name: 'measure', type: 'smallint', of: ({ measure }) => measureCodes[measure] },
  { name: 'at', type: 'timestamptz', of: ({ at }) => instant(at) },
  { name: 'weight', type: 'smallint', of: ({ weight }) => weight },
  { name: 'backlog_change', type: 'smallint', of: ({ backlogChange }) => backlogChange },
  { name: 'bin', type: 'smallint', of: ({ bin }) => bin },
  { name: 'sequence', type: 'integer', of: ({ sequence }) => sequence },
  { name: 'milliseconds', type: 'bigint', of: ({ milliseconds }) => milliseconds },
  { name: 'ticket_id', type: 'uuid', of: ({ ticketId }) => ticketId },
  { name: 'reply_id', type: 'uuid', of: ({ replyId }) => replyId ?? null },
  { name: 'one_touch', type: 'boolean', of: ({ oneTouch }) => oneTouch },
  { name: 'transferred', type: 'boolean', of: ({ transferred }) => transferred },
  { name: 'ticket_number', type: 'text', of: ({ ticketNumber }) => ticketNumber },
  ...dimensions.map((name) => ({ name, type: 'text', of: (row: FactRow) => row.dimensions[name] })),
];

type StoredFact = Record<Dimension, string> & {
  measure: number;
  at: Date;
  weight: number;
  sequence: number;
  ticket_id: string;
  ticket_number: string;
  reply_id: string;
};

const measureByCode = new Map(Object.entries(measureCodes).map(([name, code]) => [code as number, name as Measure]));

export class FactRepository {
  readonly #insert: string;
  readonly #findReplies: string;

  constructor(private readonly tables: Tables) {
    const table = tables.of('fact');
    this.#insert = `insert into ${table} (${namesOf(columns)}) select * from ${given(columns)}`;
    this.#findReplies = `select measure, at, weight, sequence, ticket_id, ticket_number, reply_id, ${dimensions.join(', ')}
      from ${table} where reply_id = any($1::uuid[]) order by id`;
  }

  async insert(tx: Transaction, rows: readonly FactRow[]): Promise<void> {
    if (rows.length === 0) return;
    await tx.execute(this.tables.statement('fact_insert'), this.#insert, transpose(columns, rows));
  }

  /** The rows by which replies have been counted so far, oldest first. */
  async findCountedReplies(tx: Transaction, replyIds: readonly string[]): Promise<FactRow[]> {
    if (replyIds.length === 0) return [];
    const name = this.tables.statement('fact_replies');
    return (await tx.query<StoredFact>(name, this.#findReplies, [replyIds])).map(toRow);
  }
}

function toRow(stored: StoredFact): FactRow {
  return {
    ticketId: stored.ticket_id,
    ticketNumber: stored.ticket_number,
    sequence: stored.sequence,
    at: stored.at.getTime(),
    measure: measureByCode.get(stored.measure) ?? 'moved',
    weight: stored.weight,
    backlogChange: 0,
    milliseconds: 0,
    bin: 0,
    oneTouch: false,
    transferred: false,
    replyId: stored.reply_id,
    dimensions: Object.fromEntries(dimensions.map((name) => [name, stored[name]])) as Record<Dimension, string>,
  };
}
