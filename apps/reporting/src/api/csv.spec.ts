import { csvField, csvLine } from './csv.js';

it.each([
  ['plain', 'plain'],
  ['', ''],
  [null, ''],
  [undefined, ''],
  [0, '0'],
  [-1.5, '-1.5'],
  ['=1+1', "'=1+1"],
  ['+84 912', "'+84 912"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\tx', "'\tx"],
  ['\r=x', '"\'\r=x"'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['=cmd|"x",1', '"\'=cmd|""x"",1"'],
  ['khối hành chính', 'khối hành chính'],
])('writes %j as %j', (value, field) => {
  expect(csvField(value)).toBe(field);
});

it('ends a line as RFC 4180 wants it', () => {
  expect(csvLine(['a', 1, null])).toBe('a,1,\r\n');
});
