import type { Transaction } from '#postgres';
import type { Counted, CountedGroup, HistogramPart } from '../domain/answer.js';
import type { Dimension, DimensionSet } from '../domain/dimensions.js';
import { measureCodes, type TimedMeasure, timedMeasures } from '../domain/fact-row.js';
import { type CellCounter, type Counter, noCounts } from '../domain/increments.js';
import { cellCountersOf, timedMeasuresOf } from '../domain/metric-catalogue.js';
import { placeOf, type Question } from '../domain/question.js';
import { instant } from './columns.js';
import { bucketOf, filterBy, groupByFirst, Parameters } from './sql-parts.js';

type Row = Record<string, unknown>;

/** A row's group values: columns g0, g1, … */
export function groupOf(row: Row, count: number): string[] {
  return Array.from({ length: count }, (_, place) => String(row[`g${place}`]));
}

export function countsOf(row: Row, counters: readonly Counter[]): CountedGroup['counts'] {
  const counts = noCounts();
  for (const counter of counters) counts[counter] = Number(row[counter] ?? 0);
  return counts;
}

const measureByCode = new Map(timedMeasures.map((measure) => [measureCodes[measure] as number, measure]));

export function timedMeasureOf(code: unknown): TimedMeasure {
  const measure = measureByCode.get(Number(code));
  if (measure === undefined) throw new Error(`no histogram is kept of measure ${String(code)}`);
  return measure;
}

/** Answers a question from the cells of local days or of quarters. */
export class CellCounts {
  readonly #groups: string;
  readonly #width: number;

  constructor(
    private readonly question: Question,
    private readonly set: DimensionSet,
    private readonly source: 'day' | 'quarter',
  ) {
    this.#groups = question.groupBy.map((dimension, index) => `${placeOf(set, dimension)} as g${index}, `).join('');
    this.#width = question.groupBy.length;
  }

  /** Reads in the caller's transaction, which must be a snapshot: the backlog is the sum of two tables. */
  async count(tx: Transaction): Promise<Counted> {
    const counters = cellCountersOf(this.question.metrics);
    const measures = timedMeasuresOf(this.question.metrics);
    return {
      groups: await this.#counts(tx, counters),
      histograms: measures.length === 0 ? [] : await this.#histograms(tx, measures),
      opening: counters.includes('backlog_change') ? await this.#openings(tx) : [],
    };
  }

  async #counts(tx: Transaction, counters: readonly CellCounter[]): Promise<CountedGroup[]> {
    const parameters = new Parameters();
    const sums = counters.map((counter) => `sum(${counter}) as ${counter}`).join(', ');
    const text = `select ${this.#groups}${this.#bucket(parameters)} as bucket, ${sums} from ${this.source}_cell
      where ${this.#key(parameters)}${this.#range(parameters)}${this.#filter(parameters)} ${groupByFirst(1 + this.#width)}`;
    const rows = await tx.query<Row>('', text, parameters.values);
    return rows.map((row) => ({
      bucket: Number(row.bucket),
      group: groupOf(row, this.#width),
      counts: countsOf(row, counters),
    }));
  }

  async #histograms(tx: Transaction, measures: readonly TimedMeasure[]): Promise<HistogramPart[]> {
    const parameters = new Parameters();
    const codes = measures.map((measure) => measureCodes[measure]).join(', ');
    const text = `select ${this.#groups}${this.#bucket(parameters)} as bucket, measure, bins from ${this.source}_histogram
      where ${this.#key(parameters)}${this.#range(parameters)}${this.#filter(parameters)} and measure in (${codes})`;
    const rows = await tx.query<Row>('', text, parameters.values);
    return rows.map((row) => ({
      bucket: Number(row.bucket),
      group: groupOf(row, this.#width),
      measure: timedMeasureOf(row.measure),
      addTo: (histogram) => histogram.mergeEncoded(row.bins as Buffer),
    }));
  }

  /** The backlog at `from`: today's, less all that changed since. Recent questions, the usual ones, read few cells. */
  async #openings(tx: Transaction): Promise<Counted['opening']> {
    const parameters = new Parameters();
    const filter = this.#filter(parameters);
    const set = parameters.add(this.set.code, 'smallint');
    const since = `bucket >= ${parameters.add(instant(this.question.from), 'timestamptz')}`;
    const text = `select ${this.#groups}sum(stock) as stock from (
        select first, second, stock from backlog_total where dimension_set = ${set}${filter}
        union all
        select first, second, -backlog_change from ${this.source}_cell where ${this.#key(parameters)} and ${since}${filter}
      ) as part ${groupByFirst(this.#width)}`;
    const rows = await tx.query<Row>('', text, parameters.values);
    return rows.map((row) => ({ group: groupOf(row, this.#width), stock: Number(row.stock) }));
  }

  #bucket(parameters: Parameters): string {
    return bucketOf('bucket', this.question.granularity, parameters.add(this.question.zone, 'text'));
  }

  #key(parameters: Parameters): string {
    const zone = this.source === 'day' ? `zone = ${parameters.add(this.question.zone, 'text')} and ` : '';
    return `${zone}dimension_set = ${parameters.add(this.set.code, 'smallint')}`;
  }

  #range(parameters: Parameters): string {
    const { from, to } = this.question;
    return ` and bucket >= ${parameters.add(instant(from), 'timestamptz')} and bucket < ${parameters.add(instant(to), 'timestamptz')}`;
  }

  #filter(parameters: Parameters): string {
    return filterBy(this.question.filters, (dimension: Dimension) => placeOf(this.set, dimension), parameters);
  }
}
