import type { Transaction } from '#postgres';

/** One column of many rows. `type` is what Postgres reads the parameter as; `cast` what it then becomes, where that differs. */
export interface BulkColumn<Row> {
  readonly name: string;
  readonly type: 'uuid' | 'text' | 'integer' | 'boolean' | 'timestamptz' | 'json' | 'jsonb';
  readonly cast?: 'text[]' | 'uuid[]' | 'timestamptz[]';
  readonly of: (row: Row) => string | number | boolean | null;
}

export const iso = (at: Date): string => at.toISOString();
export const isoOrNull = (at: Date | null): string | null => (at === null ? null : at.toISOString());

/** `{"a","b"}`: an array inside of a row, since unnest flattens arrays of arrays. */
export function arrayLiteral(items: readonly string[]): string {
  return items.length === 0 ? '{}' : `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

function source<Row>(columns: readonly BulkColumn<Row>[]): string {
  const parameters = columns.map(({ type }, index) => `$${index + 1}::${type}[]`);
  return `unnest(${parameters.join(', ')}) as given (${columns.map(({ name }) => name).join(', ')})`;
}

const expression = <Row>({ name, cast }: BulkColumn<Row>) => `given.${name}${cast === undefined ? '' : `::${cast}`}`;

/** Types whose text never needs quoting in an array. */
const plainTypes: ReadonlySet<BulkColumn<never>['type']> = new Set(['uuid', 'integer', 'boolean', 'timestamptz']);
const needsEscape = /["\\]/;

function quoted(text: string): string {
  return needsEscape.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
}

/** Array literals made here: pg's own encoder looks at every element twice with regular expressions, which shows at this rate. */
function columnLiteral<Row>({ type, of }: BulkColumn<Row>, rows: readonly Row[]): string {
  const isPlain = plainTypes.has(type);
  let literal = '{';
  for (const row of rows) {
    const value = of(row);
    if (literal.length > 1) literal += ',';
    if (value === null) literal += 'NULL';
    else literal += isPlain ? String(value) : quoted(String(value));
  }
  return `${literal}}`;
}

function valuesOf<Row>(columns: readonly BulkColumn<Row>[], rows: readonly Row[]): string[] {
  return columns.map((column) => columnLiteral(column, rows));
}

/** `insert … select from unnest`: any number of rows in one prepared statement. */
export class BulkInsert<Row> {
  private readonly text: string;

  constructor(
    private readonly table: string,
    private readonly columns: readonly BulkColumn<Row>[],
    /** What follows the rows: `on conflict …`, `returning …`. */
    tail = '',
    /** Names the statement apart from other inserts into the table. */
    private readonly purpose = 'insert',
  ) {
    const names = columns.map(({ name }) => name).join(', ');
    this.text = `insert into ${table} (${names}) select ${columns.map(expression).join(', ')} from ${source(columns)} ${tail}`;
  }

  async run<Returned extends object = never>(tx: Transaction, rows: readonly Row[]): Promise<Returned[]> {
    if (rows.length === 0) return [];
    return tx.query<Returned>(`${this.table}_${this.purpose}`, this.text, valuesOf(this.columns, rows));
  }
}

/**
 * `update … from unnest`: the first column is the key. Only for rows that the transaction holds under lock, and one row for each key:
 * of several, Postgres takes any one. Source: its documentation of UPDATE, "from_item".
 */
export class BulkUpdate<Row> {
  private readonly text: string;

  constructor(
    private readonly table: string,
    private readonly columns: readonly BulkColumn<Row>[],
    /** Names the statement apart from other updates of the table. */
    private readonly purpose: string,
  ) {
    const [key, ...rest] = columns;
    const sets = rest.map((column) => `${column.name} = ${expression(column)}`).join(', ');
    this.text = `update ${table} set ${sets} from ${source(columns)} where ${table}.${key?.name} = given.${key?.name}`;
  }

  async run(tx: Transaction, rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    await tx.execute(`${this.table}_${this.purpose}`, this.text, valuesOf(this.columns, rows));
  }
}
