import { createSigningKey, keyRing, type SigningKey } from './signing-keys.js';

const day = 24 * 3_600_000;
const start = new Date('2026-11-01T00:00:00Z');
const onDay = (days: number) => new Date(start.getTime() + days * day);
const policy = { rotateAfterMs: 30 * day, publishAheadMs: day, keepPublishedMs: day };
let base: SigningKey;
beforeAll(async () => {
  base = await createSigningKey(start);
});
const made = (kid: string, days: number): SigningKey => ({ ...base, kid, createdAt: onDay(days) });

describe('keyRing', () => {
  it.each([
    ['nothing yet', [], 0, { signing: undefined, published: [], needsSuccessor: true, expired: [] }],
    [
      'the first key signs at once',
      [['a', 0]],
      0,
      { signing: 'a', published: ['a'], needsSuccessor: false, expired: [] },
    ],
    ['due for a successor', [['a', 0]], 30, { signing: 'a', published: ['a'], needsSuccessor: true, expired: [] }],
    [
      'published a day ahead',
      [
        ['a', 0],
        ['b', 30],
      ],
      30.9,
      { signing: 'a', published: ['a', 'b'], needsSuccessor: false, expired: [] },
    ],
    [
      'then it signs',
      [
        ['b', 30],
        ['a', 0],
      ],
      31,
      { signing: 'b', published: ['a', 'b'], needsSuccessor: false, expired: [] },
    ],
    [
      'the old one goes',
      [
        ['a', 0],
        ['b', 30],
      ],
      32,
      { signing: 'b', published: ['b'], needsSuccessor: false, expired: ['a'] },
    ],
  ] as const)('%s', (_, keys, now, expected) => {
    const ring = keyRing(
      keys.map(([kid, days]) => made(kid, days)),
      onDay(now),
      policy,
    );
    expect({
      ...ring,
      signing: ring.signing?.kid,
      published: ring.published.keys.map(({ kid }) => kid),
    }).toEqual(expected);
  });
});
