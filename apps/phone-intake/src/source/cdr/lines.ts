/** No line of a table of calls comes near this. */
export const longestLine = 64 * 1024;

export interface Line {
  /** Its place in the file; the first is 1. */
  readonly row: number;
  readonly text: string;
  /** False: it was too long, and its text is dropped. */
  readonly isWhole: boolean;
}

/** The lines of a text that arrives in pieces; never holds more than a piece and a line. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<Line[]> {
  let row = 0;
  let rest = '';
  let isCut = false;
  const line = (text: string): Line => {
    row += 1;
    const isWhole = !isCut && text.length <= longestLine;
    isCut = false;
    return { row, text: isWhole ? text.replace(/\r$/, '') : '', isWhole };
  };
  for await (const piece of pieces) {
    const lines: Line[] = [];
    const text = rest + piece;
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      lines.push(line(text.slice(from, end)));
      from = end + 1;
    }
    rest = text.slice(from);
    if (rest.length > longestLine) {
      rest = '';
      isCut = true;
    }
    if (lines.length > 0) yield lines;
  }
  if (rest !== '' || isCut) yield [line(rest)];
}
