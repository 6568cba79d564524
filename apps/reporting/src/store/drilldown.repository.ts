import type { Transaction } from '#postgres';
import { measureCodes } from '../domain/fact-row.js';
import { type MetricName, metricOf } from '../domain/metric-catalogue.js';
import type { Question } from '../domain/question.js';
import { instant } from './columns.js';
import { hitOf } from './metric-rows.js';
import { filterBy, Parameters } from './sql-parts.js';

/** Where the next page begins: behind this instant and id, newest first. */
export interface Position {
  readonly at: number;
  readonly id: string;
}

/** What one ticket adds to a number. */
export interface TicketBehind {
  readonly ticketId: string;
  readonly number: string;
  readonly count: number;
  /** Of a share: how many of `count` meet it. */
  readonly hits: number | null;
  readonly seconds: number | null;
  /** When it last counted. */
  readonly at: number;
}

export interface FeedbackBehind {
  readonly eventId: string;
  readonly channel: string;
  readonly account: string;
  readonly at: number;
}

interface Page {
  readonly after: Position | undefined;
  readonly limit: number;
}

type TicketRow = {
  ticket_id: string;
  ticket_number: string;
  count: string;
  hits: string | null;
  milliseconds: string | null;
  at: Date;
};

/** The tickets, or the feedback, behind one number. */
export class DrilldownRepository {
  /** Tickets whose facts do not cancel out, newest first. Of the backlog: the tickets that are open at the end. */
  async findTickets(tx: Transaction, metric: MetricName, question: Question, page: Page): Promise<TicketBehind[]> {
    const parameters = new Parameters();
    const { formula, measures } = metricOf(metric);
    const stock = formula.kind === 'stock';
    const weight = stock ? 'backlog_change' : 'weight';
    const hit = hitOf(metric);
    const from = stock ? '' : ` and at >= ${parameters.add(instant(question.from), 'timestamptz')}`;
    const to = `at < ${parameters.add(instant(question.to), 'timestamptz')}`;
    const filter = filterBy(question.filters, (dimension) => dimension, parameters);
    const text = `select ticket_id, min(ticket_number) as ticket_number, sum(${weight}) as count,
        ${hit === undefined ? 'null' : `sum(weight) filter (where ${hit})`} as hits,
        ${formula.kind === 'time' ? 'sum(weight * milliseconds)' : 'null'} as milliseconds, max(at) as at
      from fact where measure in (${measures.map((measure) => measureCodes[measure]).join(', ')}) and ${to}${from}${filter}
      group by ticket_id having sum(${weight}) <> 0${after(page.after, 'max(at), ticket_id', parameters)}
      order by max(at) desc, ticket_id desc limit ${parameters.add(page.limit, 'int')}`;
    const rows = await tx.query<TicketRow>('', text, parameters.values);
    return rows.map((row) => ({
      ticketId: row.ticket_id,
      number: row.ticket_number,
      count: Number(row.count),
      hits: hit === undefined ? null : Number(row.hits ?? 0),
      seconds: row.milliseconds === null ? null : Number(row.milliseconds) / 1000,
      at: row.at.getTime(),
    }));
  }

  async findFeedback(tx: Transaction, metric: MetricName, question: Question, page: Page): Promise<FeedbackBehind[]> {
    const parameters = new Parameters();
    const automatic = metric === 'automatic_feedback_count' ? 'automatic' : 'not automatic';
    const from = `at >= ${parameters.add(instant(question.from), 'timestamptz')}`;
    const to = `at < ${parameters.add(instant(question.to), 'timestamptz')}`;
    const filter = filterBy(question.filters, (dimension) => dimension, parameters);
    const text = `select event_id, channel, account, at from feedback
      where counted and ${automatic} and ${from} and ${to}${filter}${after(page.after, 'at, event_id', parameters)}
      order by at desc, event_id desc limit ${parameters.add(page.limit, 'int')}`;
    type Row = { event_id: string; channel: string; account: string; at: Date };
    const rows = await tx.query<Row>('', text, parameters.values);
    return rows.map((row) => ({
      eventId: row.event_id,
      channel: row.channel,
      account: row.account,
      at: row.at.getTime(),
    }));
  }
}

function after(position: Position | undefined, key: string, parameters: Parameters): string {
  if (position === undefined) return '';
  const at = parameters.add(instant(position.at), 'timestamptz');
  return ` and (${key}) < (${at}, ${parameters.add(position.id, 'uuid')})`;
}
