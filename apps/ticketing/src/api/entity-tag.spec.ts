import { entityTag, expectedSequence } from './entity-tag.js';

it.each(['"7"', ' "7" ', 'W/"7"'])('reads %s', (header) => {
  expect(expectedSequence(header)).toBe(7);
});

it('reads what it writes', () => {
  expect(expectedSequence(entityTag(1024))).toBe(1024);
});

it.each([
  [undefined, 428, 'if_match_required'],
  ['', 428, 'if_match_required'],
  ['*', 400, 'if_match_invalid'],
  ['7', 400, 'if_match_invalid'],
  ['"7", "8"', 400, 'if_match_invalid'],
  ['"99999999999999999999"', 400, 'if_match_invalid'],
])('refuses %s', (header, status, code) => {
  const expected = expect.objectContaining({ status, code }) as Error;
  expect(() => expectedSequence(header)).toThrow(expected);
});
