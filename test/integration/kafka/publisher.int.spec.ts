import { randomUUID } from 'node:crypto';
import { partitionFor, type WireMessage } from '#contracts';
import { ensureTopics, Publisher } from '#kafka';
import { metricsText } from '#observability';
import { testBrokers, uniqueName, waitFor } from '#testing';
import { address, allRecords } from './consuming-app.js';

const stage = { brokers: testBrokers() };
let topic: string;
let publisher: Publisher;
beforeAll(async () => {
  topic = uniqueName('publish');
  await ensureTopics(address(), [{ name: topic, partitions: 6, config: {} }], { replication: 1 });
});
beforeEach(async () => {
  publisher = new Publisher(address());
  await publisher.start();
});
afterEach(() => publisher.close({ flushMs: 0 }));

const message = (on: string, overrides: Partial<WireMessage> = {}): WireMessage => {
  const key = randomUUID();
  return { topic: on, key, partitionKey: key, headers: { ce_id: key }, value: Buffer.from(key), ...overrides };
};

async function requestsSent(): Promise<number> {
  const { text } = await metricsText();
  return Number(/^phanhoi_kafka_publish_batch_messages_count (\d+)$/m.exec(text)?.[1] ?? 0);
}

describe('a publisher', () => {
  it('puts each message on the partition of its partition key, with key, headers, value and timestamp', async () => {
    const sent = message(topic, { partitionKey: 'hội-thoại', timestamp: 1_795_000_000_000 });
    await publisher.publish([sent]);
    const records = await allRecords(stage, topic);
    expect(records.filter(({ key }) => key === sent.key)).toEqual([
      {
        topic,
        partition: partitionFor('hội-thoại', 6),
        offset: expect.any(String) as string,
        timestamp: 1_795_000_000_000,
        key: sent.key,
        headers: sent.headers,
        bytes: sent.value,
      },
    ]);
  });

  it('keeps the order of the calls within a partition', async () => {
    const calls = Array.from({ length: 3_000 }, () => message(topic, { partitionKey: 'one' }));
    await Promise.all(calls.map((call) => publisher.publish([call])));
    const sent = new Set(calls.map(({ key }) => key));
    const keys = (await allRecords(stage, topic)).map(({ key }) => key).filter((key) => key !== null && sent.has(key));
    expect(keys).toEqual(calls.map(({ key }) => key));
  });

  it('sends what comes in one turn of the event loop in one request', async () => {
    await publisher.publish([message(topic)]);
    const before = await requestsSent();
    const callers = Array.from({ length: 100 }, async () => publisher.publish([message(topic)]));
    await Promise.all(callers);
    expect((await requestsSent()) - before).toBe(1);
  });

  it('rejects a message that is too large for the broker, and only its callers', async () => {
    const large = message(topic, { value: Buffer.alloc(2_000_000) });
    const calls = [message(topic), large, message(topic), message(topic)];
    const results = await Promise.allSettled(calls.map((call) => publisher.publish([call])));
    expect(
      results.map((result) => (result.status === 'fulfilled' ? 'ok' : (result.reason as { code: string }).code)),
    ).toEqual(['ok', 'too_large', 'ok', 'ok']);
  });

  it('splits a batch that the topic takes in smaller pieces only', async () => {
    const small = uniqueName('small');
    const config = { 'max.message.bytes': '20000' };
    await ensureTopics(address(), [{ name: small, partitions: 1, config }], { replication: 1 });
    const calls = Array.from({ length: 50 }, () => message(small, { value: Buffer.alloc(3_000) }));
    await publisher.publish(calls);
    expect((await allRecords(stage, small)).map(({ key }) => key)).toEqual(calls.map(({ key }) => key));
  });

  it('answers busy beyond its memory', async () => {
    const small = new Publisher({ ...address(), maxInFlightBytes: 10_000 });
    const calls = Array.from({ length: 4 }, () => small.publish([message(topic, { value: Buffer.alloc(4_000) })]));
    const results = await Promise.allSettled([...calls]);
    await small.close();
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(results.at(-1)).toMatchObject({ reason: { code: 'busy' } });
  });

  it('holds up nobody for a topic that is missing, and sends once it is there', async () => {
    const late = uniqueName('late');
    const waiting = publisher.publish([message(late)]);
    const tooLate = publisher.publish([message(late)], { deadlineMs: 150 });
    await publisher.publish([message(topic)]);
    await expect(tooLate).rejects.toMatchObject({ code: 'unavailable' });
    expect(publisher.available).toBe(true);
    await ensureTopics(address(), [{ name: late, partitions: 1, config: {} }], { replication: 1 });
    await waiting;
    expect(await allRecords(stage, late)).toHaveLength(1);
  });

  it('starts without a broker, answers within the deadline, and takes nothing once closed', async () => {
    const alone = new Publisher(address(['127.0.0.1:1']));
    await alone.start();
    const before = Date.now();
    await expect(alone.publish([message(topic)], { deadlineMs: 200 })).rejects.toMatchObject({ code: 'unavailable' });
    expect(Date.now() - before).toBeLessThan(2_000);
    expect(alone.available).toBe(false);
    const pending = alone.publish([message(topic)]);
    const closed = alone.close({ flushMs: 50 });
    await expect(pending).rejects.toMatchObject({ code: 'closed' });
    await closed;
    await expect(alone.publish([message(topic)])).rejects.toMatchObject({ code: 'closed' });
  });

  it('becomes available by itself', async () => {
    const fresh = new Publisher(address());
    expect(fresh.available).toBe(false);
    await fresh.start();
    await waitFor(() => fresh.available);
    await fresh.close();
  });
});
