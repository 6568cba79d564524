/** Collects conditions and their values; values never become text of the statement. */
export class Conditions {
  readonly texts: string[];
  readonly values: unknown[] = [];

  constructor(...always: readonly string[]) {
    this.texts = [...always];
  }

  /** `$1`, `$2`… in the text count from the values given here. */
  add(text: string, ...values: readonly unknown[]): void {
    const offset = this.values.length;
    this.texts.push(text.replace(/\$(\d+)/g, (_, index: string) => `$${Number(index) + offset}`));
    this.values.push(...values);
  }

  one(column: string, id: string | undefined): void {
    if (id === 'none') this.add(`${column} IS NULL`);
    else if (id !== undefined) this.add(`${column} = $1::uuid`, id);
  }

  anyOf(column: string, words: readonly string[] | undefined): void {
    if (words !== undefined && words.length > 0) this.add(`${column} = ANY($1::text[])`, words);
  }
}
