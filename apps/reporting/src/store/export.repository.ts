import type { Transaction } from '#postgres';
import { type Dimension, dimensions } from '../domain/dimensions.js';
import { type Measure, measureCodes } from '../domain/fact-row.js';
import { type MetricName, metricOf } from '../domain/metric-catalogue.js';
import type { Question } from '../domain/question.js';
import { instant } from './columns.js';
import { hitOf } from './metric-rows.js';
import { filterBy, Parameters } from './sql-parts.js';

/** Where the next page begins: behind this row, oldest first. Instants are stored in whole milliseconds. */
export interface RowPosition {
  readonly at: number;
  readonly id: string;
}

/** One row behind a number: the number is the sum of `count`, a share that of `hits` over `count`. */
export type ExportedRow = Record<Dimension, string> & {
  id: string;
  at: Date;
  ticket_id: string | null;
  ticket_number: string | null;
  count: number;
  hits: number | null;
  milliseconds: string | null;
};

export interface PageOfRows {
  readonly after: RowPosition | undefined;
  readonly limit: number;
}

/**
 * The rows behind numbers, in pages by key: no page holds a transaction open while a slow client reads the one before, and
 * each begins on the index where the last one ended.
 */
export class ExportRepository {
  async findRows(
    tx: Transaction,
    of: { readonly metric: MetricName; readonly measure: Measure },
    question: Question,
    page: PageOfRows,
  ): Promise<ExportedRow[]> {
    const parameters = new Parameters();
    const { formula } = metricOf(of.metric);
    const hit = hitOf(of.metric);
    const range = rangeOf(question, page.after, 'id', 'bigint', parameters);
    const filter = filterBy(question.filters, (dimension) => dimension, parameters);
    const text = `select id, at, ticket_id, ticket_number, weight as count,
        ${hit === undefined ? 'null' : `case when ${hit} then weight else 0 end`} as hits,
        ${formula.kind === 'time' ? 'weight * milliseconds' : 'null::bigint'} as milliseconds, ${dimensions.join(', ')}
      from fact where measure = ${measureCodes[of.measure]} and weight <> 0 and ${range}${filter}
      order by at, id limit ${parameters.add(page.limit, 'int')}`;
    return tx.query<ExportedRow>('', text, parameters.values);
  }

  async findFeedback(
    tx: Transaction,
    metric: MetricName,
    question: Question,
    page: PageOfRows,
  ): Promise<ExportedRow[]> {
    const parameters = new Parameters();
    const automatic = metric === 'automatic_feedback_count' ? 'automatic' : 'not automatic';
    const range = rangeOf(question, page.after, 'event_id', 'uuid', parameters);
    const filter = filterBy(question.filters, (dimension) => dimension, parameters);
    const unknown = dimensions.filter((dimension) => dimension !== 'channel' && dimension !== 'account');
    const text = `select event_id as id, at, null as ticket_id, null as ticket_number, 1 as count,
        null as hits, null as milliseconds, channel, account, ${unknown.map((name) => `'' as ${name}`).join(', ')}
      from feedback where counted and ${automatic} and ${range}${filter}
      order by at, event_id limit ${parameters.add(page.limit, 'int')}`;
    return tx.query<ExportedRow>('', text, parameters.values);
  }
}

function rangeOf(
  { from, to }: Question,
  after: RowPosition | undefined,
  id: string,
  idType: string,
  parameters: Parameters,
): string {
  const before = `at < ${parameters.add(instant(to), 'timestamptz')}`;
  if (after === undefined) return `at >= ${parameters.add(instant(from), 'timestamptz')} and ${before}`;
  const position = `(${parameters.add(instant(after.at), 'timestamptz')}, ${parameters.add(after.id, idType)})`;
  return `(at, ${id}) > ${position} and ${before}`;
}
