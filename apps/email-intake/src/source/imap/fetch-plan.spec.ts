import fc from 'fast-check';
import { fetchLimits, planFetch, toSequenceSet } from './fetch-plan.js';

describe('planFetch', () => {
  it('takes every mail once, in the order of UIDs, within the bounds', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 3 * 1024 * 1024 }), { maxLength: 400 });
    fc.assert(
      fc.property(sizes, (bytes) => {
        const listed = bytes.map((size, index) => ({ uid: index * 2 + 1, bytes: size }));
        const steps = planFetch([...listed].reverse());
        const taken = steps.flatMap((step) => (step.kind === 'alone' ? [step.mail] : step.mails));
        expect(taken).toEqual(listed);
        for (const step of steps) {
          if (step.kind === 'alone') expect(step.mail.bytes).toBeGreaterThan(fetchLimits.largeBytes);
          else {
            expect(step.mails.length).toBeLessThanOrEqual(fetchLimits.batchMails);
            expect(step.mails.reduce((sum, mail) => sum + mail.bytes, 0)).toBeLessThanOrEqual(fetchLimits.batchBytes);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('toSequenceSet', () => {
  it.each([
    [[], ''],
    [[7], '7'],
    [[1, 2, 3], '1:3'],
    [[1, 2, 3, 7, 9, 10], '1:3,7,9:10'],
  ])('%j is %s', (uids, expected) => {
    expect(toSequenceSet(uids)).toBe(expected);
  });
});
