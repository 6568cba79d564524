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

  it('goes back once', () => {
    expect(onceById([ticketing, reporting])).toHaveLength(1);
  });
});
