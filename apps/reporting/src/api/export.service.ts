import { Injectable } from '@nestjs/common';
import { Problem } from '#http';
import { LocalTimes } from '../domain/buckets.js';
import { dimensions } from '../domain/dimensions.js';
import { isAboutFeedback, type MetricName, metricNames, metricOf } from '../domain/metric-catalogue.js';
import { neededDimensions, planAnswer, type Question } from '../domain/question.js';
import { ExportRepository, type ExportedRow, type PageOfRows, type RowPosition } from '../store/export.repository.js';
import { ReportRepository } from '../store/report.repository.js';
import { byteOrderMark, csvLine } from './csv.js';
import { withinLimit } from './report.service.js';

export type ExportFormat = 'csv' | 'ndjson';

/**
 * A page and its text must be gone before V8's young generation (4 MiB, tools/platform/node-options.ts) has been collected
 * twice: what is still alive then joins the old one, which is left to grow to four times its size. Pages of 2,000 rows added
 * 167 MB to the process that way, pages of 500 add 24 to 44 MB; smaller ones add no less and pay for round trips.
 */
const pageRows = 500;
const columns = ['metric', 'at', 'ticket', 'ticketId', 'eventId', ...dimensions, 'count', 'hits', 'seconds'] as const;
type Value = string | number | null;
type ReadPage = (page: PageOfRows) => Promise<ExportedRow[]>;

/** Streams the rows behind numbers, page by page, as fast as the client takes them. */
@Injectable()
export class ExportService {
  readonly #rows = new ExportRepository();

  constructor(private readonly store: ReportRepository) {}

  /** Chunks of text; the first page is read before this resolves, so that a refusal can still be answered as one. */
  async stream(question: Question, format: ExportFormat): Promise<AsyncIterable<string>> {
    refuseStocks(question);
    const pages = this.#pages(question, format === 'csv' ? csvLine : ndjsonLine);
    const first = await pages.next();
    return joined(format === 'csv' ? byteOrderMark + csvLine(columns) : '', first, pages);
  }

  async *#pages(question: Question, lineOf: (values: readonly Value[]) => string): AsyncGenerator<string> {
    const times = new LocalTimes(question.zone);
    for (const metric of question.metrics) {
      for (const read of this.#readers(metric, question)) {
        let after: RowPosition | undefined;
        for (let size = pageRows; size === pageRows; ) {
          const page = await read({ after, limit: pageRows });
          const last = page.at(-1);
          after = last && { at: last.at.getTime(), id: last.id };
          size = page.length;
          let text = '';
          for (const row of page) text += lineOf(valuesOf(metric, row, times));
          // Whatever still holds the page (a generator at rest, a connection) must not carry its rows into the old heap.
          page.length = 0;
          if (text !== '') yield text;
        }
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
    if (isExportable(metric)) continue;
    const reason =
      metricOf(metric).formula.kind === 'stock'
        ? `${metric} is a stock, not a sum of rows: its tickets are in the drill-down.`
        : `${metric} is several shares side by side: export them one by one.`;
    const detail = `${reason} These can be exported: ${metricNames.filter(isExportable).join(', ')}.`;
    throw new Problem(422, 'metric_unavailable', 'This number is not available', { detail });
  }
}

/** Whether the number is a sum over rows. */
function isExportable(metric: MetricName): boolean {
  const { kind } = metricOf(metric).formula;
  return kind !== 'stock' && kind !== 'shares';
}

/** In the order of `columns`. */
function valuesOf(metric: MetricName, row: ExportedRow, times: LocalTimes): Value[] {
  return [
    metric,
    times.write(row.at.getTime()),
    row.ticket_number,
    row.ticket_id,
    row.ticket_id === null ? row.id : null,
    ...dimensions.map((name) => row[name] || null),
    row.count,
    row.hits,
    row.milliseconds === null ? null : Number(row.milliseconds) / 1000,
  ];
}

function ndjsonLine(values: readonly Value[]): string {
  return `${JSON.stringify(Object.fromEntries(columns.map((name, place) => [name, values[place]])))}\n`;
}

async function* joined(
  head: string,
  first: IteratorResult<string, unknown>,
  rest: AsyncGenerator<string>,
): AsyncGenerator<string> {
  if (head !== '') yield head;
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}
