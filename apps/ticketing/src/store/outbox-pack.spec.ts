import type { WireMessage } from '#contracts';
import fc from 'fast-check';
import { packForOutbox, unpackFromOutbox } from './outbox-pack.js';

const message = fc.record({
  topic: fc.constantFrom('ticket.changed.v1', 'reply.requested.v1.email'),
  key: fc.string(),
  partitionKey: fc.string(),
  headers: fc.dictionary(
    fc.string().filter((name) => name !== '__proto__'),
    fc.string(),
  ),
  value: fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
});

it('gives back what it packed, in order', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 600, size: 'max' }), (messages: WireMessage[]) => {
      expect(unpackFromOutbox(packForOutbox(messages))).toEqual(messages);
    }),
    { numRuns: 30 },
  );
});

it('leaves few messages as they are', () => {
  const few: WireMessage[] = [{ topic: 'a', key: 'k', partitionKey: 'p', headers: {}, value: null }];

  expect(packForOutbox(few)).toEqual(few);
});
