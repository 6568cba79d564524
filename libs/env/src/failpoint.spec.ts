import { dropsAt, setFailpoints } from './failpoint.js';

afterEach(() => setFailpoints(undefined));

describe('a failpoint', () => {
  it.each([
    [undefined, [false, false, false]],
    ['other', [false, false, false]],
    ['point', [true, false, false]],
    ['point:2', [false, true, false]],
    ['other:1,point:3', [false, false, true]],
    ['point:0', [false, false, false]],
    ['point:x', [false, false, false]],
  ])('named by %s is due at its passing alone', (wanted, due) => {
    setFailpoints(wanted);
    expect(due.map(() => dropsAt('point'))).toEqual(due);
  });
});
