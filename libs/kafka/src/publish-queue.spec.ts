import fc from 'fast-check';
import { partitionFor, type WireMessage } from '#contracts';
import { PublishError } from './publish-error.js';
import { PublishGroup, PublishQueue, sizeOf } from './publish-queue.js';

const message = (key: string, topic = 'a', bytes = 10): WireMessage => ({
  topic,
  key,
  partitionKey: key,
  headers: {},
  value: Buffer.alloc(bytes),
});
const group = (...messages: WireMessage[]) =>
  new PublishGroup(
    messages.map((wire) => ({ wire, bytes: sizeOf(wire) })),
    Infinity,
    () => undefined,
  );
const limits = { messages: 5, bytesPerPartition: 400, bytes: 800 };
const keysOf = (entries: readonly { wire: WireMessage }[]) => entries.map(({ wire }) => wire.key);

describe('PublishQueue', () => {
  it('fills a batch up to its number of messages and keeps the rest in line', () => {
    const queue = new PublishQueue(() => 3, limits);
    for (const key of ['1', '2', '3', '4', '5', '6', '7']) queue.push(group(message(key)));
    expect([keysOf(queue.take()), keysOf(queue.take()), keysOf(queue.take())]).toEqual([
      ['1', '2', '3', '4', '5'],
      ['6', '7'],
      [],
    ]);
  });

  it('keeps event and original together: a pair that does not fit waits for the next batch', () => {
    const queue = new PublishQueue(() => 3, limits);
    queue.push(group(message('1'), message('2'), message('3'), message('4')));
    queue.push(group(message('5'), message('6', 'raw')));
    expect([keysOf(queue.take()), keysOf(queue.take())]).toEqual([
      ['1', '2', '3', '4'],
      ['5', '6'],
    ]);
  });

  it.each([
    ['bytes of a partition', 1, [['1'], ['2'], ['3']]],
    ['bytes of a batch', 1_000, [['1', '2', '3'], [], []]],
  ])('stops at the %s', (_, bytesPerPartition, batches) => {
    const queue = new PublishQueue(() => 1, { ...limits, bytesPerPartition });
    for (const key of ['1', '2', '3']) queue.push(group(message(key, 'a', 200)));
    expect([queue.take(), queue.take(), queue.take()].map(keysOf)).toEqual(batches);
  });

  it('lets a message beyond the limits go alone, for the broker to judge', () => {
    const queue = new PublishQueue(() => 1, limits);
    queue.push(group(message('1')));
    queue.push(group(message('large', 'a', 5_000)));
    queue.push(group(message('3')));
    expect([queue.take(), queue.take(), queue.take()].map(keysOf)).toEqual([['1'], ['large'], ['3']]);
  });

  it('sets aside who waits for an unknown topic, and lets them back in before later callers', () => {
    const known = new Map([['a', 1]]);
    const queue = new PublishQueue((topic) => known.get(topic), limits);
    queue.push(group(message('1', 'b')));
    queue.push(group(message('2')));
    expect(keysOf(queue.take())).toEqual(['2']);
    expect(queue.topicsAside()).toEqual(new Set(['b']));
    known.set('b', 1);
    queue.push(group(message('3', 'b')));
    queue.readmit();
    expect(keysOf(queue.take())).toEqual(['1', '3']);
  });

  it('forgets who was rejected, and puts back what a batch returns before all others', () => {
    const queue = new PublishQueue(() => 1, limits);
    const [first, second] = [group(message('1')), group(message('2'))];
    queue.push(first);
    const taken = queue.take();
    queue.push(second);
    queue.push(group(message('3')));
    second.done.catch(() => undefined);
    second.reject(new PublishError('unavailable', 'late'));
    queue.dropSettled();
    queue.returnToFront(taken);
    expect(keysOf(queue.take())).toEqual(['1', '3']);
  });

  it('sends every message once, in the order of the calls within a partition, within the limits, whatever comes', () => {
    const calls = fc.array(
      fc.array(fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.integer({ min: 0, max: 500 })), {
        minLength: 1,
        maxLength: 9,
      }),
      {
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(calls, (groups) => {
        const queue = new PublishQueue(() => 2, limits);
        let number = 0;
        const sent = groups.map((of) =>
          of.map(([partitionKey, bytes]) => ({ ...message(String(number++), 'a', bytes), partitionKey })),
        );
        for (const messages of sent) queue.push(group(...messages));
        const batches = [];
        for (let batch = queue.take(); batch.length > 0; batch = queue.take()) batches.push(batch);
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(limits.messages);
          for (const partition of [0, 1]) {
            const share = batch.filter((entry) => entry.partition === partition);
            const bytes = share.reduce((sum, entry) => sum + entry.bytes, 0);
            expect(bytes <= limits.bytesPerPartition || batch.length === 1).toBe(true);
          }
        }
        const arrived = batches.flat();
        for (const partition of [0, 1]) {
          const wanted = sent.flat().filter(({ partitionKey }) => partitionFor(partitionKey, 2) === partition);
          expect(keysOf(arrived.filter((entry) => entry.partition === partition))).toEqual(
            wanted.map(({ key }) => key),
          );
        }
      }),
    );
  });
});
