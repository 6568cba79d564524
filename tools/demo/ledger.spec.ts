import { type Ledger, ledgerRows, unsettled } from './ledger.js';

const source = (name: string, settled: boolean): Ledger['sources'][number] => ({
  source: name,
  settled,
  intake: { received: 3, published: 1, spooled: 1, refused: 0, quarantined: 0, noted: 1 },
  consumers: [{ app: 'ticketing', read: 2, stored: 2, missing: 0 }],
});

it('a ledger is told in a row a source', () => {
  expect(ledgerRows({ settled: true, sources: [source('zalo:oa', true)] })).toEqual([
    ['zalo:oa', '3', '1', '1', '0', '0', '1', '2', '0'],
  ]);
});

it.each([
  ['nothing is open', [source('a', true), source('b', true)], 4, undefined],
  ['events are not counted yet', [source('a', true)], 3, '2 of 3 events are counted'],
  ['a source is open', [source('a', true), source('b', false)], 4, 'b does not balance'],
])('%s', (_, sources, events, fault) => {
  expect(unsettled({ settled: fault === undefined, sources }, events)).toBe(fault);
});
