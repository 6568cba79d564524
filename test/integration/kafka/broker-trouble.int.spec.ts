import { randomUUID } from 'node:crypto';
import { feedbackReceivedMessage, type WireMessage } from '#contracts';
import { ensureTopics, Publisher } from '#kafka';
import { aFeedback, uniqueName, waitFor } from '#testing';
import { address, allRecords, aStage, settleAll, startConsuming } from './consuming-app.js';
import { OwnBroker } from './own-broker.js';

let broker: OwnBroker;
beforeAll(async () => {
  broker = await OwnBroker.start();
}, 60_000);
afterAll(() => broker.close());

const message = (topic: string): WireMessage => {
  const key = randomUUID();
  return { topic, key, partitionKey: key, headers: { ce_id: key }, value: Buffer.from(key) };
};

async function aTopic(): Promise<string> {
  const name = uniqueName('trouble');
  await ensureTopics(address(broker.brokers), [{ name, partitions: 3, config: {} }], { replication: 1 });
  return name;
}

describe('with a broker in trouble', () => {
  it('every acknowledged message is on the topic after 200 lost answers', async () => {
    const topic = await aTopic();
    const publisher = new Publisher({ ...address(broker.brokers), requestTimeoutMs: 400 });
    await publisher.start();
    await publisher.publish([message(topic)]);
    const acknowledged: string[] = [];
    let isOver = false;
    const callers = Array.from({ length: 20 }, async () => {
      while (!isOver) {
        const one = message(topic);
        await publisher.publish([one]);
        acknowledged.push(one.key);
      }
    });
    broker.proxy.dropAnswers({ times: 196, every: 2, afterRequestBytes: 150 });
    await waitFor(() => broker.proxy.answersLeftToDrop === 0, { timeoutMs: 40_000 });
    broker.proxy.dropAnswers({ times: 4, every: 2, afterRequestBytes: 150, then: 'silence' });
    await waitFor(() => broker.proxy.answersLeftToDrop === 0, { timeoutMs: 40_000 });
    isOver = true;
    await Promise.all(callers);
    await publisher.close();
    const onLog = new Set((await allRecords(broker, topic)).map(({ key }) => key));
    expect(acknowledged.filter((key) => !onLog.has(key))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(100);
  }, 90_000);

  it('a half-open connection costs callers their deadline, then the publisher comes back by itself', async () => {
    const topic = await aTopic();
    const publisher = new Publisher({ ...address(broker.brokers), requestTimeoutMs: 1_000 });
    await publisher.start();
    await publisher.publish([message(topic)]);
    broker.proxy.freeze();
    for (let call = 0; call < 3; call++) {
      await expect(publisher.publish([message(topic)], { deadlineMs: 150 })).rejects.toMatchObject({
        code: 'unavailable',
      });
    }
    expect(publisher.available).toBe(false);
    broker.proxy.restore();
    await waitFor(() => publisher.available, { timeoutMs: 15_000 });
    await publisher.publish([message(topic)]);
    await publisher.close();
  });

  it('publisher and consumer survive a killed broker: callers wait or fail, nothing acknowledged is lost, nothing is stored twice', async () => {
    const stage = await aStage({ brokers: broker.brokers });
    const stored = new Map<string, number>();
    const app = await startConsuming(stage, async (batch, context) => {
      await settleAll(batch, context);
      for (const { id } of batch) stored.set(id, (stored.get(id) ?? 0) + 1);
    });
    const next = () => ({ ...feedbackReceivedMessage(aFeedback()), topic: stage.topic });
    const before = next();
    await app.publisher.publish([before]);
    await waitFor(() => stored.size === 1);
    await broker.kill();
    await expect(app.publisher.publish([next()], { deadlineMs: 300 })).rejects.toMatchObject({ code: 'unavailable' });
    await waitFor(() => !app.publisher.available);
    const patient = next();
    const waiting = app.publisher.publish([patient], { deadlineMs: 60_000 });
    await broker.startAgain();
    await waiting;
    await waitFor(() => stored.has(patient.key), { timeoutMs: 30_000 });
    expect(app.health.liveness().ok).toBe(true);
    await app.close();
  }, 90_000);

  it('an app that starts without its broker consumes once it is there', async () => {
    const stage = await aStage({ brokers: broker.brokers });
    const feedback = { ...feedbackReceivedMessage(aFeedback()), topic: stage.topic };
    broker.proxy.refuse();
    let stored = 0;
    const app = await startConsuming(stage, async (batch, context) => {
      await settleAll(batch, context);
      stored += batch.length;
    });
    const waiting = app.publisher.publish([feedback]);
    await waitFor(() => broker.proxy.connections === 0);
    broker.proxy.restore();
    await waiting;
    await waitFor(() => stored === 1, { timeoutMs: 20_000 });
    await app.close();
  }, 60_000);
});
