import type { DeadLetter } from '#contracts';
import { type Item, matches, onceById } from './quarantine.js';

const letter: DeadLetter = {
  id: '7b0a3f0e-7a0c-5c5e-9f55-0123456789ab',
  app: 'ticketing',
  reason: 'not_json',
  step: 'decode',
  at: '2026-11-22T09:00:00.000Z',
  source: { kind: 'log', topic: 'feedback.received.v1', partition: 3, offset: '42' },
  key: 'the-key',
  headers: {},
  body: null,
};
const ticketing: Item = { letter };
const reporting: Item = { letter: { ...letter, app: 'reporting' } };

describe('a record that two apps refused', () => {
  it.each([
    ['ticketing', [ticketing]],
    ['reporting', [reporting]],
    ['email-intake', []],
  ])('is found as a letter of %s', (app, found) => {
    const filter = { ids: [], withResolved: false, app };
    expect([ticketing, reporting].filter((item) => matches(item, filter))).toEqual(found);
  });

  it.each([
    ['its envelope names', '/phanhoi/zalo/oa', 'zalo', true],
    ['is another one', '/phanhoi/zalo/oa', 'email', false],
    ['its envelope does not name', '/phanhoi/ticketing', 'zalo', false],
  ])('is found by a channel that %s', (_, ce_source, channel, isFound) => {
    const item = { letter: { ...letter, headers: { ce_source } } };
    expect(matches(item, { ids: [], withResolved: false, channel })).toBe(isFound);
  });

  it('goes back once', () => {
    expect(onceById([ticketing, reporting])).toHaveLength(1);
  });
});
