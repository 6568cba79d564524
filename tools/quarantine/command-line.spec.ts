import { parseCommandLine } from './command-line.js';

describe('the command line of the quarantine tool', () => {
  it.each([
    ['list', { ids: [], withResolved: false }],
    ['list --all', { ids: [], withResolved: true }],
    ['show 7b0a3f0e', { ids: ['7b0a3f0e'], withResolved: true }],
    ['replay --app ticketing --reason gap', { ids: [], withResolved: false, app: 'ticketing', reason: 'gap' }],
    ['discard 7b0a 8c1b', { ids: ['7b0a', '8c1b'], withResolved: false }],
  ])('%s', (line, filter) => {
    expect(parseCommandLine(line.split(' ')).filter).toEqual(filter);
  });

  it.each([[''], ['destroy'], ['show'], ['show a b'], ['replay'], ['discard --all'], ['list --colour']])(
    'refuses "%s" with the usage',
    (line) => {
      expect(() => parseCommandLine(line === '' ? [] : line.split(' '))).toThrow('npm run quarantine -- list');
    },
  );
});
