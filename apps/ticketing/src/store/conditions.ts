/** Collects conditions and their values; values never become text of the statement. */
export class Conditions {
  readonly texts: string[];
  readonly values: unknown[] = [];

  constructor(...always: readonly string[]) {
    this.texts = [...always];
  }

  /** `$1`, `$2`… in the text count from the values given here. */
  add(text: string, ...values: readonly unknown[]): void {
    this.texts.push(this.bind(text, ...values));
  }

  /** The text as it stands behind the values so far, for a place of its own in the statement. */
  bind(text: string, ...values: readonly unknown[]): string {
    const offset = this.values.length;
    this.values.push(...values);
    return text.replace(/\$(\d+)/g, (_, index: string) => `$${Number(index) + offset}`);
  }

  one(column: string, id: string | undefined): void {
    if (id === 'none') this.add(`${column} IS NULL`);
    else if (id !== undefined) this.add(`${column} = $1::uuid`, id);
  }

  anyOf(column: string, words: readonly string[] | undefined): void {
    if (words !== undefined && words.length > 0) this.add(`${column} = ANY($1::text[])`, words);
  }
}
