import { decodeText } from '#charset';

export interface HeaderLine {
  readonly key: string;
  /** The line with its folding, one character per byte. */
  readonly line: string;
}

/** The header of a mail as it was written: order kept, repeated lines kept. */
export class MailHeader {
  private readonly values = new Map<string, string[]>();

  constructor(lines: readonly HeaderLine[]) {
    for (const { key, line } of lines) {
      const value = line
        .slice(line.indexOf(':') + 1)
        .replace(/\r?\n[ \t]*/g, ' ')
        .trim();
      const list = this.values.get(key);
      if (list === undefined) this.values.set(key, [value]);
      else list.push(value);
    }
  }

  /** Unfolded value of the first line of that name; bytes above ASCII are decoded as the likeliest charset. */
  first(name: string): string | undefined {
    const value = this.values.get(name)?.[0];
    return value === undefined ? undefined : readable(value);
  }

  all(name: string): string[] {
    return (this.values.get(name) ?? []).map(readable);
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** Names of the lines that start so, e.g. `list-`. */
  startingWith(prefix: string): string[] {
    return [...this.values.keys()].filter((key) => key.startsWith(prefix));
  }
}

function readable(value: string): string {
  return /^[\u0000-\u007f]*$/.test(value) ? value : decodeText(Buffer.from(value, 'latin1'), undefined).text;
}

/** Parses a header block that stands alone, such as the head of an embedded message; `text` is one character per byte. */
export function parseHeaderBlock(text: string): MailHeader {
  const end = text.search(/\r?\n\r?\n/);
  const block = end === -1 ? text : text.slice(0, end);
  const lines: HeaderLine[] = [];
  for (const line of block.split(/\r?\n(?![ \t])/)) {
    const colon = line.indexOf(':');
    if (colon > 0) lines.push({ key: line.slice(0, colon).trim().toLowerCase(), line });
  }
  return new MailHeader(lines);
}

/** Offset of the first byte of the body; the length of the mail when there is none. */
export function bodyOffset(raw: Buffer): number {
  for (let at = raw.indexOf(10); at !== -1; at = raw.indexOf(10, at + 1)) {
    if (raw[at + 1] === 10) return at + 2;
    if (raw[at + 1] === 13 && raw[at + 2] === 10) return at + 3;
  }
  return raw.length;
}

/** One line without control and direction characters, spaces collapsed: what a header value may put in front of people. */
export function oneLine(value: string): string {
  return value
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}
