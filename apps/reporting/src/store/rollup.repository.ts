import type { Transaction } from '#postgres';
import type { DayStarts } from '../domain/day-starts.js';
import { measureCodes, type TimedMeasure } from '../domain/fact-row.js';
import { Histogram } from '../domain/histogram.js';
import { type BacklogIncrement, type CellIncrement, counters, type Increments } from '../domain/increments.js';
import { type Column, given, instant, namesOf, transpose } from './columns.js';
import type { TableName, Tables } from './tables.js';

/** A cell of a local day says of which zone; one of 15 minutes belongs to all. */
interface ZonedCell extends CellIncrement {
  readonly zone: string;
}

interface BinsOfCell {
  readonly cell: ZonedCell;
  readonly measure: TimedMeasure;
  bins: Buffer;
}

function keyColumns<Row>(cellOf: (row: Row) => ZonedCell, zoned: boolean): Column<Row>[] {
  const zone: Column<Row> = { name: 'zone', type: 'text', of: (row) => cellOf(row).zone };
  return [
    ...(zoned ? [zone] : []),
    { name: 'dimension_set', type: 'smallint', of: (row) => cellOf(row).set },
    { name: 'bucket', type: 'timestamptz', of: (row) => instant(cellOf(row).bucket) },
    { name: 'first', type: 'text', of: (row) => cellOf(row).first },
    { name: 'second', type: 'text', of: (row) => cellOf(row).second },
  ];
}

/** One rollup: a table of counters and, under the same keys, one of histograms. */
class Rollup {
  readonly #cellColumns: Column<ZonedCell>[];
  readonly #binColumns: Column<BinsOfCell>[];
  readonly #upsertCells: string;
  readonly #findBins: string;
  readonly #upsertBins: string;
  readonly #cells: string;

  constructor(
    private readonly tables: Tables,
    cells: TableName,
    histograms: TableName,
    zoned: boolean,
  ) {
    this.#cells = cells;
    const cellKey = keyColumns<ZonedCell>((cell) => cell, zoned);
    this.#cellColumns = [
      ...cellKey,
      ...counters.map((name) => ({ name, type: 'bigint', of: ({ counts }: ZonedCell) => counts[name] })),
    ];
    const target = tables.of(cells);
    this.#upsertCells = `insert into ${target} (${namesOf(this.#cellColumns)})
      select * from ${given(this.#cellColumns)}
      on conflict (${namesOf(cellKey)}) do update set
      ${counters.map((name) => `${name} = ${target}.${name} + excluded.${name}`).join(', ')}`;

    const measure: Column<BinsOfCell> = {
      name: 'measure',
      type: 'smallint',
      of: (row) => measureCodes[row.measure],
    };
    const binKey = [...keyColumns<BinsOfCell>(({ cell }) => cell, zoned), measure];
    this.#binColumns = [...binKey, { name: 'bins', type: 'bytea', of: ({ bins }) => bins }];
    const bins = tables.of(histograms);
    this.#findBins = `select position::int, bins from ${given(binKey).replace(' as given (', ' with ordinality as given (').replace(/\)$/, ', position)')}
      join ${bins} using (${namesOf(binKey)})`;
    this.#upsertBins = `insert into ${bins} (${namesOf(this.#binColumns)})
      select * from ${given(this.#binColumns)}
      on conflict (${namesOf(binKey)}) do update set bins = excluded.bins`;
  }

  async apply(tx: Transaction, cells: readonly ZonedCell[]): Promise<void> {
    if (cells.length === 0) return;
    const name = (verb: string) => this.tables.statement(`${this.#cells}_${verb}`);
    await tx.execute(name('upsert'), this.#upsertCells, transpose(this.#cellColumns, cells));
    const changed = binsOf(cells);
    if (changed.length === 0) return;
    // The cell's row is locked by the upsert above, and nobody writes its histogram without it: reading first is safe.
    const keys = transpose(this.#binColumns.slice(0, -1), changed);
    const stored = await tx.query<{ position: number; bins: Buffer }>(name('bins'), this.#findBins, keys);
    const known = new Map(stored.map((row) => [row.position, row.bins]));
    for (const [index, row] of changed.entries()) row.bins = merged(known.get(index + 1), row);
    await tx.execute(name('bins_upsert'), this.#upsertBins, transpose(this.#binColumns, changed));
  }
}

function binsOf(cells: readonly ZonedCell[]): BinsOfCell[] {
  return cells.flatMap((cell) =>
    Object.keys(cell.bins).map((measure) => ({ cell, measure: measure as TimedMeasure, bins: Buffer.alloc(0) })),
  );
}

/** One for all: a batch may touch thousands, and each would be some kilobytes of garbage. */
const histogram = new Histogram();

function merged(stored: Buffer | undefined, { cell, measure }: BinsOfCell): Buffer {
  histogram.clear();
  if (stored !== undefined) histogram.mergeEncoded(stored);
  for (const [bin, count] of cell.bins[measure] ?? []) histogram.add(bin, count);
  return histogram.encode();
}

const totalColumns: Column<BacklogIncrement>[] = [
  { name: 'dimension_set', type: 'smallint', of: ({ set }) => set },
  { name: 'first', type: 'text', of: ({ first }) => first },
  { name: 'second', type: 'text', of: ({ second }) => second },
  { name: 'stock', type: 'bigint', of: ({ change }) => change },
];

/** Adds increments to the rollups: rows in one order and tables in one order, so that writers queue and never deadlock. */
export class RollupRepository {
  readonly #quarters: Rollup;
  readonly #days: Rollup;
  readonly #addTotals: string;

  constructor(private readonly tables: Tables) {
    this.#quarters = new Rollup(tables, 'quarter_cell', 'quarter_histogram', false);
    this.#days = new Rollup(tables, 'day_cell', 'day_histogram', true);
    const total = tables.of('backlog_total');
    this.#addTotals = `insert into ${total} (${namesOf(totalColumns)}) select * from ${given(totalColumns)}
      on conflict (dimension_set, first, second) do update set stock = ${total}.stock + excluded.stock`;
  }

  async add(tx: Transaction, increments: Increments, zones: readonly DayStarts[]): Promise<void> {
    const quarters = increments.quarterCells().map((cell) => ({ ...cell, zone: '' }));
    await this.#quarters.apply(tx, quarters);
    const days = zones.flatMap((days) => increments.dayCells(days).map((cell) => ({ ...cell, zone: days.zone })));
    await this.#days.apply(tx, days);
    const totals = increments.backlog();
    if (totals.length === 0) return;
    await tx.execute(this.tables.statement('backlog_add'), this.#addTotals, transpose(totalColumns, totals));
  }
}
