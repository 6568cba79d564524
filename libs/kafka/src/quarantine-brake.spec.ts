import { QuarantineBrake } from './quarantine-brake.js';

/** Plays `+n` (n events stored) and `-n` (n refused); the index of the refusal that engaged the brake, or undefined. */
function engagedAt(...play: number[]): number | undefined {
  const brake = new QuarantineBrake();
  let refusals = 0;
  for (const step of play) {
    if (step > 0) brake.passed(step);
    for (let left = -step; left > 0; left--) {
      refusals += 1;
      if (brake.refused()) return refusals;
    }
  }
  return undefined;
}

describe('QuarantineBrake', () => {
  it.each([
    ['19 in a row are bad luck', [-19], undefined],
    ['20 in a row are a bug', [-25], 20],
    ['one that is stored breaks the row', [-19, 1, -19], undefined],
    ['half of the last 100 are a bug', Array.from({ length: 60 }, () => [1, -1]).flat(), 50],
    ['a third is not', Array.from({ length: 200 }, () => [2, -1]).flat(), undefined],
    ['old refusals are forgotten', [-19, 500, -19, 500, -19], undefined],
  ])('%s', (_, play, expected) => {
    expect(engagedAt(...play)).toBe(expected);
  });
});
