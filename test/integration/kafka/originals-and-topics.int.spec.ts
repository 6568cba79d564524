import { feedbackRawMessage } from '#contracts';
import { ensureTopics, OriginalReader, OriginalUnavailable, Publisher, readTopic, TopicCheck } from '#kafka';
import { aFeedback, testBrokers, uniqueName, waitFor } from '#testing';
import { address, allRecords } from './consuming-app.js';

const stage = { brokers: testBrokers() };

describe('an original', () => {
  let topic: string;
  let reader: OriginalReader;
  let publisher: Publisher;
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const originals = Array.from({ length: 120 }, (_, index) => aFeedback({ receivedAt: hoursAgo(120 - index) }));

  beforeAll(async () => {
    topic = uniqueName('raw');
    await ensureTopics(address(), [{ name: topic, partitions: 4, config: {} }], { replication: 1 });
    publisher = new Publisher(address());
    await publisher.start();
    await publisher.publish(
      originals.map((event) => ({
        ...feedbackRawMessage(event, { bytes: Buffer.from(`thư ${event.id}`), contentType: 'message/rfc822' }),
        topic,
      })),
    );
    reader = new OriginalReader({ ...address(), topic });
    reader.start();
  });
  afterAll(async () => {
    await reader.close();
    await publisher.close();
  });

  it('is found by its event id and time, asked for one by one or all at once', async () => {
    const some = originals.filter((_, index) => index % 10 === 0);
    const found = await Promise.all(some.map(({ id, receivedAt }) => reader.read(id, new Date(receivedAt))));
    expect(found.map((record) => record?.bytes?.toString())).toEqual(some.map(({ id }) => `thư ${id}`));
    expect(found[0]?.headers['content-type']).toBe('message/rfc822');
  });

  it('is undefined when it was never written, lies before the time, or was erased', async () => {
    const [first, second] = originals;
    if (first === undefined || second === undefined) throw new Error('no originals');
    const raw = feedbackRawMessage(second, { bytes: Buffer.alloc(0), contentType: 'message/rfc822' });
    const erasedAt = Date.now();
    await publisher.publish([{ ...raw, topic, value: null, timestamp: erasedAt }]);
    expect([
      await reader.read('00000000-0000-5000-8000-000000000000', new Date(first.receivedAt)),
      await reader.read(first.id, new Date(Date.now() - 3_600_000)),
      await reader.read(second.id, new Date(erasedAt)),
    ]).toEqual([undefined, undefined, undefined]);
  });

  it('cannot be read without a broker, and says so', async () => {
    const alone = new OriginalReader({ ...address(['127.0.0.1:1']), topic });
    await expect(alone.read('any', new Date())).rejects.toBeInstanceOf(OriginalUnavailable);
    await alone.close();
  });
});

describe('topics', () => {
  it('are created with their settings, and never repartitioned', async () => {
    const name = uniqueName('topic');
    const wanted = { name, partitions: 3, config: { 'cleanup.policy': 'compact' } };
    expect(await ensureTopics(address(), [wanted], { replication: 1 })).toEqual([name]);
    expect(await ensureTopics(address(), [{ ...wanted, partitions: 9 }], { replication: 1 })).toEqual([]);
    const publisher = new Publisher(address());
    const keyOf = (index: number) => ({
      topic: name,
      key: `${index}`,
      partitionKey: `${index}`,
      headers: {},
      value: Buffer.of(1),
    });
    await publisher.publish(Array.from({ length: 60 }, (_, index) => keyOf(index)));
    await publisher.close();
    expect(new Set((await allRecords(stage, name)).map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]));
  });

  it('that are missing are named until they are there', async () => {
    const [there, missing] = [uniqueName('there'), uniqueName('missing')];
    await ensureTopics(address(), [{ name: there, partitions: 1, config: {} }], { replication: 1 });
    const check = new TopicCheck(address(), [there, missing]);
    const done = check.run();
    await waitFor(() => check.missing.length > 0);
    expect(check.missing).toEqual([missing]);
    check.stop();
    await done;
  });

  it('are read from a time on, and an error of the reader ends the reading', async () => {
    const name = uniqueName('read');
    await ensureTopics(address(), [{ name, partitions: 2, config: {} }], { replication: 1 });
    const publisher = new Publisher(address());
    const at = (timestamp: number) => ({
      topic: name,
      key: `${timestamp}`,
      partitionKey: 'k',
      headers: {},
      value: null,
      timestamp,
    });
    const times = [1_790_000_000_000, 1_791_000_000_000, 1_792_000_000_000];
    await publisher.publish(times.map(at));
    await publisher.close();
    const read: number[] = [];
    const onRecord = ({ timestamp }: { timestamp: number }) => void read.push(timestamp);
    expect(await readTopic(address(), { topic: name, from: 1_791_000_000_000, onRecord })).toBe(2);
    expect(read).toEqual(times.slice(1));
    const failing = () => Promise.reject(new Error('the reader is full'));
    await expect(readTopic(address(), { topic: name, onRecord: failing })).rejects.toThrow('the reader is full');
  });
});
