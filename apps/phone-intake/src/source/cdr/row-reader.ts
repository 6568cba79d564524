import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import type { RowProblem } from '../../normalize/call-record.js';
import { type Line, longestLine } from './lines.js';

export type TableRow =
  | { readonly row: number; readonly text: string; readonly cells: readonly string[] }
  | { readonly row: number; readonly problem: RowProblem };

/** A cell with more lines than these is a quote that somebody forgot. */
const maxLines = 20;
const together = 100;

/** The cells of one record, or undefined for what is none. Over several lines quotes must stand as they should: else they would join rows. */
export function cellsOf(text: string, delimiter: string): readonly string[] | undefined {
  const records = parseRecords(text, { delimiter, relax_quotes: !text.includes('\n') });
  return records?.length === 1 ? records[0] : undefined;
}

function parseRecords(
  text: string,
  quotes: { readonly delimiter: string; readonly relax_quotes: boolean },
): string[][] | undefined {
  try {
    return parse(text, { ...quotes, record_delimiter: '\n', relax_column_count: true });
  } catch (error) {
    if (error instanceof CsvError) return undefined;
    throw error;
  }
}

/** Lines into rows. A quote that is never closed costs its own row: the lines after it are read as if it stood alone. */
export class RowReader {
  private held: readonly Line[] = [];

  constructor(
    private readonly columns: number,
    private readonly delimiter: string,
  ) {}

  /** The rows of these lines, as far as they are complete. */
  read(lines: readonly Line[]): TableRow[] {
    return this.rowsOf([...this.held, ...lines], false);
  }

  /** What the end of the file makes of the lines that were waiting for a quote. */
  end(): TableRow[] {
    return this.rowsOf(this.held, true);
  }

  private rowsOf(lines: readonly Line[], isEnd: boolean): TableRow[] {
    this.held = [];
    const rows: TableRow[] = [];
    const plain: Line[] = [];
    const flush = () => rows.push(...this.parseTogether(plain.splice(0)));
    for (let at = 0; at < lines.length; at += 1) {
      const line = lines[at];
      if (line === undefined) break;
      if (line.isWhole && isBalanced(line.text)) {
        if (line.text.trim() !== '') plain.push(line);
        if (plain.length === together) flush();
        continue;
      }
      flush();
      if (!line.isWhole) {
        rows.push({ row: line.row, problem: { code: 'line_too_long' } });
        continue;
      }
      const { row, taken } = this.parseOpen(lines, at);
      if (row === undefined && !isEnd && lines.length - at < maxLines) {
        this.held = lines.slice(at);
        break;
      }
      rows.push(row ?? { row: line.row, problem: { code: 'quotes_wrong' } });
      at += taken;
    }
    flush();
    return rows;
  }

  /** A record whose cell goes over several lines, and how many lines beyond its first it has. */
  private parseOpen(lines: readonly Line[], at: number): { readonly row?: TableRow; readonly taken: number } {
    let text = lines[at]?.text ?? '';
    for (let taken = 1; taken < maxLines; taken += 1) {
      const next = lines[at + taken];
      if (next?.isWhole !== true || text.length > longestLine) break;
      text += `\n${next.text}`;
      if (isBalanced(next.text)) continue;
      const row = this.toRow(lines[at]?.row ?? 0, text, cellsOf(text, this.delimiter));
      return 'problem' in row ? { taken: 0 } : { row, taken };
    }
    return { taken: 0 };
  }

  /** One call for many lines, where each is a record by itself. */
  private parseTogether(lines: readonly Line[]): TableRow[] {
    if (lines.length === 0) return [];
    const text = lines.map((line) => line.text).join('\n');
    // Exports write `="0901…"`, and names with quotes in cells that have none around them.
    const records = parseRecords(text, { delimiter: this.delimiter, relax_quotes: true });
    const isOneEach = records?.length === lines.length;
    return lines.map((line, index) =>
      this.toRow(line.row, line.text, isOneEach ? records[index] : cellsOf(line.text, this.delimiter)),
    );
  }

  private toRow(row: number, text: string, cells: readonly string[] | undefined): TableRow {
    if (cells === undefined) return { row, problem: { code: 'quotes_wrong' } };
    // Some exports end their rows, but not the first, with a delimiter.
    const fits = cells.length >= this.columns && cells.slice(this.columns).every((cell) => cell === '');
    return fits ? { row, text, cells } : { row, problem: { code: 'columns_wrong' } };
  }
}

function isBalanced(text: string): boolean {
  let quotes = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes += 1;
  return quotes % 2 === 0;
}
