import { linesOf, longestLine } from './lines.js';
import { RowReader } from './row-reader.js';

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

/** Each row as its line and its cells, or the code of its problem. */
async function rowsOf(text: string, size = 65_536, delimiter = ','): Promise<unknown[]> {
  const reader = new RowReader(3, delimiter);
  const rows = [];
  for await (const lines of linesOf(inPieces(text, size))) rows.push(...reader.read(lines));
  rows.push(...reader.end());
  return rows.map((row) => ('problem' in row ? [row.row, row.problem.code] : [row.row, ...row.cells]));
}

const many = (count: number) => Array.from({ length: count }, (_, index) => `a${index},b,c`).join('\n');

it.each<[string, string, unknown[]]>([
  [
    'rows',
    'a,b,c\nd,e,f\n',
    [
      [1, 'a', 'b', 'c'],
      [2, 'd', 'e', 'f'],
    ],
  ],
  ['no end of line at the end', 'a,b,c', [[1, 'a', 'b', 'c']]],
  [
    'ends of line of another system',
    'a,b,c\r\nd,e,f\r\n',
    [
      [1, 'a', 'b', 'c'],
      [2, 'd', 'e', 'f'],
    ],
  ],
  ['empty lines', '\n\na,b,c\n \n', [[3, 'a', 'b', 'c']]],
  ['delimiters and quotes in quotes', '"a,1","b ""x""",c\n', [[1, 'a,1', 'b "x"', 'c']]],
  [
    'lines in quotes',
    'a,"b\n\nb",c\nd,e,f\n',
    [
      [1, 'a', 'b\n\nb', 'c'],
      [4, 'd', 'e', 'f'],
    ],
  ],
  ['quotes in a cell that has none', 'a,="090",Tí "béo"\n', [[1, 'a', '="090"', 'Tí "béo"']]],
  ['a delimiter too many at the end', 'a,b,c,\n', [[1, 'a', 'b', 'c', '']]],
  [
    'too many and too few cells',
    'a,b,c,d\na,b\na,b,c\n',
    [
      [1, 'columns_wrong'],
      [2, 'columns_wrong'],
      [3, 'a', 'b', 'c'],
    ],
  ],
  ['another delimiter', 'a;b;c\n', [[1, 'columns_wrong']]],
  [
    'a quote that is never closed',
    'a,"b,c\nd,e,f\n"g",h,i\n',
    [
      [1, 'quotes_wrong'],
      [2, 'd', 'e', 'f'],
      [3, 'g', 'h', 'i'],
    ],
  ],
  [
    'two quotes that are never closed',
    'a,"b,c\nd,e,f\ng,"h,i\n',
    [
      [1, 'quotes_wrong'],
      [2, 'd', 'e', 'f'],
      [3, 'quotes_wrong'],
    ],
  ],
  [
    'a quote that ends too early',
    '"a"b,c,d\ne,f,g\n',
    [
      [1, '"a"b', 'c', 'd'],
      [2, 'e', 'f', 'g'],
    ],
  ],
  [
    'cells that only look like two',
    '"a"b,"c"\ne,f,g\n',
    [
      [1, 'columns_wrong'],
      [2, 'e', 'f', 'g'],
    ],
  ],
  ['formulas', '=cmd(),+1,@x\n', [[1, '=cmd()', '+1', '@x']]],
  [
    'a line of a megabyte',
    `a,b,c\n${'x'.repeat(1_000_000)}\nd,e,f\n`,
    [
      [1, 'a', 'b', 'c'],
      [2, 'line_too_long'],
      [3, 'd', 'e', 'f'],
    ],
  ],
  [
    'a megabyte at the end',
    `a,b,c\n${'x'.repeat(1_000_000)}`,
    [
      [1, 'a', 'b', 'c'],
      [2, 'line_too_long'],
    ],
  ],
  [
    'a long line inside of quotes',
    `a,"b\n${'x'.repeat(longestLine + 1)}\nd,e,f\n`,
    [
      [1, 'quotes_wrong'],
      [2, 'line_too_long'],
      [3, 'd', 'e', 'f'],
    ],
  ],
  ['nothing', '', []],
])('%s', async (_, text, rows) => {
  expect(await rowsOf(text)).toEqual(rows);
});

it('a file in pieces of any size has the same rows', async () => {
  const text = `${many(40)}\na,"b\nc",d\ne,"f,g\n${many(60)}\n"x"y,z,0\n`;
  const whole = await rowsOf(text);
  expect(whole).toHaveLength(103);
  expect(await Promise.all([1, 7, 100].map((size) => rowsOf(text, size)))).toEqual([whole, whole, whole]);
});

it('a quote that is never closed in each of thousands of lines costs those lines, and no time', async () => {
  const rows = await rowsOf('a,"b,c\nd,e,f\n'.repeat(5_000));
  expect(rows.filter((row) => (row as unknown[])[1] === 'quotes_wrong')).toHaveLength(5_000);
  expect(rows).toHaveLength(10_000);
});
