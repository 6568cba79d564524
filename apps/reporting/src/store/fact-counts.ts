import type { Transaction } from '#postgres';
import type { Counted, CountedGroup, HistogramPart } from '../domain/answer.js';
import { measureCodes } from '../domain/fact-row.js';
import type { CellCounter } from '../domain/increments.js';
import { cellCountersOf, isAboutFeedback, metricOf, timedMeasuresOf } from '../domain/metric-catalogue.js';
import type { Question } from '../domain/question.js';
import { countsOf, groupOf, timedMeasureOf } from './cell-counts.js';
import { instant } from './columns.js';
import { bucketOf, filterBy, groupByFirst, Parameters } from './sql-parts.js';

type Row = Record<string, unknown>;

const times = (measure: keyof typeof measureCodes, value = 'weight') =>
  `sum(${value}) filter (where measure = ${measureCodes[measure]})`;

/** What each counter is a sum of: the same meaning as in the cells, over rows. */
const sums: Record<Exclude<CellCounter, 'feedback' | 'automatic_feedback'>, string> = {
  opened: times('opened'),
  resolved: times('resolved'),
  resolved_ms: times('resolved', 'weight * milliseconds'),
  one_touch: `sum(weight) filter (where measure = ${measureCodes.resolved} and one_touch)`,
  transferred: `sum(weight) filter (where measure = ${measureCodes.resolved} and transferred)`,
  reopened: times('reopened'),
  first_responses: times('first_response'),
  first_response_ms: times('first_response', 'weight * milliseconds'),
  next_responses: times('next_response'),
  next_response_ms: times('next_response', 'weight * milliseconds'),
  replies_delivered: times('reply_delivered'),
  replies_failed: times('reply_failed'),
  backlog_change: 'sum(backlog_change)',
};
type FactCounter = keyof typeof sums;
const isFactCounter = (counter: CellCounter): counter is FactCounter => counter in sums;

/** Answers any question exactly, row by row. */
export class FactCounts {
  readonly #groups: string;
  readonly #width: number;

  constructor(private readonly question: Question) {
    this.#groups = question.groupBy.map((dimension, index) => `, ${dimension} as g${index}`).join('');
    this.#width = question.groupBy.length;
  }

  async count(tx: Transaction): Promise<Counted> {
    const counters = cellCountersOf(this.question.metrics);
    const ofFacts = counters.filter(isFactCounter);
    const groups = ofFacts.length === 0 ? [] : await this.#counts(tx, ofFacts);
    if (this.question.metrics.some(isAboutFeedback)) groups.push(...(await this.#feedback(tx)));
    return {
      groups,
      histograms: await this.#histograms(tx),
      opening: counters.includes('backlog_change') ? await this.#openings(tx) : [],
    };
  }

  #range(parameters: Parameters): string {
    const { from, to, filters } = this.question;
    const range = `at >= ${parameters.add(instant(from), 'timestamptz')} and at < ${parameters.add(instant(to), 'timestamptz')}`;
    return range + filterBy(filters, (dimension) => dimension, parameters);
  }

  async #counts(tx: Transaction, counters: readonly FactCounter[]): Promise<CountedGroup[]> {
    const parameters = new Parameters();
    const bucket = bucketOf('at', this.question.granularity, parameters.add(this.question.zone, 'text'));
    const measures = [...new Set(this.question.metrics.flatMap((name) => metricOf(name).measures))];
    const codes = measures.map((measure) => measureCodes[measure]).join(', ');
    const text = `select ${bucket} as bucket${this.#groups}${counters.map((counter) => `, ${sums[counter]} as ${counter}`).join('')}
      from fact where measure in (${codes}) and ${this.#range(parameters)} ${groupByFirst(1 + this.#width)}`;
    return this.#grouped(await tx.query<Row>('', text, parameters.values), counters);
  }

  async #feedback(tx: Transaction): Promise<CountedGroup[]> {
    const parameters = new Parameters();
    const bucket = bucketOf('at', this.question.granularity, parameters.add(this.question.zone, 'text'));
    const text = `select ${bucket} as bucket${this.#groups}, count(*) filter (where not automatic) as feedback,
        count(*) filter (where automatic) as automatic_feedback
      from feedback where counted and ${this.#range(parameters)} ${groupByFirst(1 + this.#width)}`;
    return this.#grouped(await tx.query<Row>('', text, parameters.values), ['feedback', 'automatic_feedback']);
  }

  #grouped(rows: readonly Row[], counters: readonly CellCounter[]): CountedGroup[] {
    return rows.map((row) => ({
      bucket: Number(row.bucket),
      group: groupOf(row, this.#width),
      counts: countsOf(row, counters),
    }));
  }

  async #histograms(tx: Transaction): Promise<HistogramPart[]> {
    const measures = timedMeasuresOf(this.question.metrics);
    if (measures.length === 0) return [];
    const parameters = new Parameters();
    const bucket = bucketOf('at', this.question.granularity, parameters.add(this.question.zone, 'text'));
    const codes = measures.map((measure) => measureCodes[measure]).join(', ');
    const text = `select ${bucket} as bucket${this.#groups}, measure, bin, sum(weight) as count
      from fact where measure in (${codes}) and ${this.#range(parameters)} ${groupByFirst(3 + this.#width)}`;
    return (await tx.query<Row>('', text, parameters.values)).map((row) => ({
      bucket: Number(row.bucket),
      group: groupOf(row, this.#width),
      measure: timedMeasureOf(row.measure),
      addTo: (histogram) => histogram.add(Number(row.bin), Number(row.count)),
    }));
  }

  async #openings(tx: Transaction): Promise<Counted['opening']> {
    const parameters = new Parameters();
    const before = `at < ${parameters.add(instant(this.question.from), 'timestamptz')}`;
    const filter = filterBy(this.question.filters, (dimension) => dimension, parameters);
    const groups = this.question.groupBy.map((dimension, index) => `${dimension} as g${index}, `).join('');
    const text = `select ${groups}sum(backlog_change) as stock from fact
      where backlog_change <> 0 and ${before}${filter} ${groupByFirst(this.#width)}`;
    const rows = await tx.query<Row>('', text, parameters.values);
    return rows.map((row) => ({ group: groupOf(row, this.#width), stock: Number(row.stock) }));
  }
}
