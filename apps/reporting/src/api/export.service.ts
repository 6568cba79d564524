import { Injectable } from '@nestjs/common';
import { Problem } from '#http';
import { localTime } from '../domain/buckets.js';
import { dimensions } from '../domain/dimensions.js';
import { isAboutFeedback, type MetricName, metricOf } from '../domain/metric-catalogue.js';
import { neededDimensions, planAnswer, type Question } from '../domain/question.js';
import { ExportRepository, type ExportedRow, type PageOfRows } from '../store/export.repository.js';
import { ReportRepository } from '../store/report.repository.js';
import { byteOrderMark, csvLine } from './csv.js';
import { withinLimit } from './report.service.js';

export type ExportFormat = 'csv' | 'ndjson';

const pageRows = 5_000;
const columns = ['metric', 'at', 'ticket', 'ticketId', 'eventId', ...dimensions, 'count', 'hits', 'seconds'] as const;
type Line = Record<(typeof columns)[number], string | number | null>;
type ReadPage = (page: PageOfRows) => Promise<ExportedRow[]>;

/** Streams the rows behind numbers, page by page, as fast as the client takes them. */
@Injectable()
export class ExportService {
  readonly #rows = new ExportRepository();

  constructor(private readonly store: ReportRepository) {}

  /** Chunks of text; the first page is read before this resolves, so that a refusal can still be answered as one. */
  async stream(question: Question, format: ExportFormat): Promise<AsyncIterable<string>> {
    refuseStocks(question);
    const pages = this.#pages(question);
    const first = await pages.next();
    return written(first, pages, format);
  }

  async *#pages(question: Question): AsyncGenerator<Line[]> {
    for (const metric of question.metrics) {
      for (const read of this.#readers(metric, question)) {
        let page: ExportedRow[] = [];
        do {
          const last = page.at(-1);
          const after = last && { at: last.position, id: last.id };
          page = await read({ after, limit: pageRows });
          if (page.length > 0) yield page.map((row) => lineOf(metric, row, question.zone));
        } while (page.length === pageRows);
      }
    }
  }

  /** One walk along the index for each measure of the metric. */
  #readers(metric: MetricName, question: Question): ReadPage[] {
    const within = <T>(read: () => Promise<T>) => withinLimit(read);
    if (isAboutFeedback(metric)) {
      return [(page) => within(() => this.store.snapshot((tx) => this.#rows.findFeedback(tx, metric, question, page)))];
    }
    return metricOf(metric).measures.map(
      (measure) => (page) =>
        within(() => this.store.snapshot((tx) => this.#rows.findRows(tx, { metric, measure }, question, page))),
    );
  }
}

function refuseStocks(question: Question): void {
  const plan = planAnswer({ ...question, groupBy: neededDimensions(question) }, []);
  if (plan.from === 'nowhere')
    throw new Problem(422, plan.code, 'This number is not available', { detail: plan.detail });
  for (const metric of question.metrics) {
    const { kind } = metricOf(metric).formula;
    if (kind !== 'stock' && kind !== 'shares') continue;
    const detail =
      kind === 'stock'
        ? `${metric} is a stock, not a sum of rows: its tickets are in the drill-down.`
        : `${metric} is several shares side by side: export them one by one.`;
    throw new Problem(422, 'metric_unavailable', 'This number is not available', { detail });
  }
}

function lineOf(metric: MetricName, row: ExportedRow, zone: string): Line {
  const named = Object.fromEntries(dimensions.map((name) => [name, row[name] || null]));
  return {
    metric,
    at: localTime(row.at.getTime(), zone),
    ticket: row.ticket_number,
    ticketId: row.ticket_id,
    eventId: row.ticket_id === null ? row.id : null,
    ...named,
    count: row.count,
    hits: row.hits,
    seconds: row.milliseconds === null ? null : Number(row.milliseconds) / 1000,
  } as Line;
}

async function* written(
  first: IteratorResult<Line[], unknown>,
  rest: AsyncGenerator<Line[]>,
  format: ExportFormat,
): AsyncGenerator<string> {
  const text = format === 'csv' ? csvText : ndjsonText;
  if (format === 'csv') yield byteOrderMark + csvLine(columns);
  if (first.done === true) return;
  yield text(first.value);
  for await (const lines of rest) yield text(lines);
}

function csvText(lines: readonly Line[]): string {
  return lines.map((line) => csvLine(columns.map((name) => line[name]))).join('');
}

function ndjsonText(lines: readonly Line[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
