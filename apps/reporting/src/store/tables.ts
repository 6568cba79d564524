/** The tables by name. A rebuild fills a second set beside the live one, so statements take their names from here. */
export class Tables {
  constructor(readonly suffix: '' | '_rebuild' = '') {}

  readonly names = tableNames;

  of(name: TableName): string {
    return `${name}${this.suffix}`;
  }

  /** The name of a prepared statement: one name, one text. */
  statement(name: string): string {
    return `${name}${this.suffix}`;
  }
}

const tableNames = [
  'feedback',
  'ticket_progress',
  'fact',
  'quarter_cell',
  'quarter_histogram',
  'day_cell',
  'day_histogram',
  'backlog_total',
  'report_zone',
] as const;
export type TableName = (typeof tableNames)[number];
