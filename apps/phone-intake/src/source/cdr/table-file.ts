import { decodeStream, detectCharset } from '#charset';
import { Problem } from '#http';
import type { StagedBytes } from '#intake';
import { readCall } from '../../normalize/call.js';
import { readCallRecord } from '../../normalize/call-record.js';
import { type CallTable, type Places, placesOf } from '../../normalize/call-table.js';
import type { PhoneContext, Read } from '../../normalize/context.js';
import { type Line, linesOf } from './lines.js';
import { cellsOf, RowReader, type TableRow } from './row-reader.js';

export interface OpenTable {
  readonly charset: string;
  readonly delimiter: string;
  /** The first row as it stands there. */
  readonly header: string;
  readonly places: Places;
  readonly rows: AsyncGenerator<TableRow[]>;
}

export const tableType = 'text/csv';
const delimiters = [',', ';', '\t', '|'] as const;
/** Excel's own first line. */
const separatorLine = /^sep=([,;|\t])$/i;

/**
 * Reads a table's first row, and says how to go on.
 * @param stated the charset that the sender or the configuration names.
 * @throws Problem 422 `table_empty`, `columns_missing`
 */
export async function openTable(file: StagedBytes, table: CallTable, stated: string | undefined): Promise<OpenTable> {
  const charset = stated ?? (await detectCharset(file.read()));
  const batches = linesOf(decodeStream(file.read(), charset));
  try {
    const { header, separator, after } = await firstRowOf(batches);
    const found = columnsOf(header, table, separator);
    if ('missing' in found) throw columnsMissing(found.missing);
    const rows = rowsOf(new RowReader(found.columns, found.delimiter), after, batches);
    return { charset, delimiter: found.delimiter, header, places: found.places, rows };
  } catch (error) {
    // Nobody will read on, so the file is closed here.
    await batches.return(undefined);
    throw error;
  }
}

interface FirstRow {
  readonly header: string;
  readonly separator: string | undefined;
  /** Lines that came with it. */
  readonly after: readonly Line[];
}

async function firstRowOf(batches: AsyncGenerator<Line[]>): Promise<FirstRow> {
  let separator: string | undefined;
  for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
    for (const [at, { text }] of next.value.entries()) {
      if (text.trim() === '') continue;
      const stated = separatorLine.exec(text)?.[1];
      if (stated === undefined) return { header: text, separator, after: next.value.slice(at + 1) };
      separator = stated;
    }
  }
  throw new Problem(422, 'table_empty', 'The file has no rows');
}

interface Columns {
  readonly delimiter: string;
  readonly columns: number;
  readonly places: Places;
}

/** By the delimiter that is known, else by the one that finds most. */
function columnsOf(
  header: string,
  table: CallTable,
  separator: string | undefined,
): Columns | { readonly missing: readonly string[] } {
  const known = separator ?? table.delimiter;
  const tried = (known === undefined ? delimiters : [known]).map((delimiter) => {
    const cells = cellsOf(header, delimiter) ?? [];
    const { places, missing } = placesOf(cells, table);
    return { missing, found: { delimiter, columns: cells.length, places } };
  });
  const [best] = tried.sort((one, other) => one.missing.length - other.missing.length);
  return best?.missing.length === 0 ? best.found : { missing: best?.missing ?? [] };
}

function columnsMissing(names: readonly string[]): Problem {
  const errors = names.map((field) => ({ field, code: 'column_missing', message: 'The first row has no such column' }));
  const title = 'The first row of the file does not name the columns';
  return new Problem(422, 'columns_missing', title, { detail: names.join(', '), errors });
}

/** A call from its original: the first row of its table, and its own. */
export function readImportedCall(bytes: Buffer, table: CallTable, context: PhoneContext): Read {
  const [header = '', ...rest] = bytes.toString().trimEnd().split('\n');
  const found = columnsOf(header, table, undefined);
  if ('missing' in found) return { kind: 'unreadable', detail: 'the columns are no longer those of the configuration' };
  const cells = cellsOf(rest.join('\n'), found.delimiter) ?? [];
  const call = readCallRecord(cells, found.places, table, context.receivedAt);
  return 'code' in call ? { kind: 'unreadable', detail: call.code } : readCall(call, context);
}

async function* rowsOf(
  reader: RowReader,
  first: readonly Line[],
  batches: AsyncGenerator<Line[]>,
): AsyncGenerator<TableRow[]> {
  yield reader.read(first);
  for await (const lines of batches) yield reader.read(lines);
  yield reader.end();
}
