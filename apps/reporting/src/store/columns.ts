/** A column of a set-based statement: its type as an array parameter, and where its values come from. */
export interface Column<Row> {
  readonly name: string;
  readonly type: string;
  readonly of: (row: Row) => unknown;
}

/** `a, b, c` */
export function namesOf<Row>(columns: readonly Column<Row>[]): string {
  return columns.map(({ name }) => name).join(', ');
}

/** `unnest($1::text[], $2::int[]) as given (a, b)`: one parameter per column, however many rows. */
export function given<Row>(columns: readonly Column<Row>[]): string {
  const parameters = columns.map(({ type }, index) => `$${index + 1}::${type}[]`);
  return `unnest(${parameters.join(', ')}) as given (${namesOf(columns)})`;
}

/** The parameters of `given`. */
export function transpose<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): unknown[][] {
  return columns.map(({ of }) => rows.map(of));
}

/** An instant in milliseconds as the driver writes a timestamptz parameter. */
export function instant(at: number): string {
  return new Date(at).toISOString();
}
