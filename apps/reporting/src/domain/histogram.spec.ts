import fc from 'fast-check';
import { binOf, Histogram, highestBin, valueOf } from './histogram.js';

const durations = fc.array(fc.integer({ min: 0, max: 10 ** 11 }), { minLength: 1, maxLength: 300 });

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add(binOf(value), 1);
  return histogram;
}

it('answers every quantile within 1 % of the exact one', () => {
  fc.assert(
    fc.property(durations, fc.constantFrom(0, 0.5, 0.9, 0.95, 1), (values, q) => {
      const exact = values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)]!;
      const answer = histogramOf(values).quantile(q)!;
      expect(Math.abs(answer - exact)).toBeLessThanOrEqual(exact * 0.0100001);
    }),
  );
});

it('is written and read back, and taken away again without a trace', () => {
  fc.assert(
    fc.property(durations, durations, (kept, withdrawn) => {
      const histogram = histogramOf([...kept, ...withdrawn]);
      for (const value of withdrawn) histogram.add(binOf(value), -1);
      const read = new Histogram();
      read.mergeEncoded(histogram.encode());
      expect(read.encode()).toEqual(histogramOf(kept).encode());
      expect(read.count).toBe(kept.length);
    }),
  );
});

it('merges to the same as counting at once', () => {
  fc.assert(
    fc.property(durations, durations, (left, right) => {
      const merged = histogramOf(left);
      merged.merge(histogramOf(right));
      expect(merged.encode()).toEqual(histogramOf([...left, ...right]).encode());
    }),
  );
});

it('keeps negative and large counts', () => {
  const histogram = new Histogram();
  histogram.add(3, -70_000);
  histogram.add(900, 2_000_000);
  const read = new Histogram();
  read.mergeEncoded(histogram.encode());
  expect(read.count).toBe(1_930_000);
});

it('is as new after it was emptied', () => {
  fc.assert(
    fc.property(durations, durations, (before, after) => {
      const histogram = histogramOf(before);
      histogram.clear();
      for (const value of after) histogram.add(binOf(value), 1);
      expect(histogram.encode()).toEqual(histogramOf(after).encode());
    }),
  );
});

it('has no quantile when it is empty', () => {
  const histogram = new Histogram();
  histogram.merge(new Histogram());
  expect([histogram.quantile(0.5), histogram.count, histogram.encode().length]).toEqual([undefined, 0, 0]);
});

it.each([
  [0, 0],
  [0.4, 0],
  [1, 1],
  [Number.MAX_SAFE_INTEGER * 1e6, highestBin],
])('%d ms lies in bin %d', (milliseconds, bin) => {
  expect(binOf(milliseconds)).toBe(bin);
});

it('stands for nothing with the value 0', () => {
  expect(valueOf(0)).toBe(0);
});
