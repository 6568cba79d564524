import { feedbackReceivedMessage } from '#contracts';
import { ok, Publisher } from '#kafka';
import { aFeedback, waitFor } from '#testing';
import { address, aStage, deadLetters, type Handle, startConsuming } from './consuming-app.js';

describe('when members join and leave', () => {
  it('every event is stored, none goes to quarantine, and a batch that waits gives way at once', async () => {
    const stage = await aStage({ partitions: 4 });
    const publisher = new Publisher(address());
    await publisher.start();
    const stored = new Set<string>();
    const handle: Handle = async (batch, context) => {
      await context.settle(batch.map(() => ok));
      for (const { id } of batch) stored.add(id);
    };
    const sent: string[] = [];
    let isOver = false;
    const traffic = (async () => {
      while (!isOver) {
        const messages = Array.from({ length: 20 }, () => ({
          ...feedbackReceivedMessage(aFeedback()),
          topic: stage.topic,
        }));
        await publisher.publish(messages);
        sent.push(...messages.map(({ key }) => key));
      }
    })();
    const steady = await startConsuming(stage, handle);
    await waitFor(() => stored.size > 0);
    for (let round = 0; round < 2; round++) {
      const guest = await startConsuming(stage, handle);
      const before = stored.size;
      await waitFor(() => stored.size > before + 100, { timeoutMs: 20_000 });
      await guest.close();
    }
    // This one never stores anything: its database is away. Its batches wait, and must not hold up the group.
    const stuck = await startConsuming(stage, async () => Promise.reject(new Error('ECONNREFUSED')), {
      classify: () => 'transient',
    });
    const before = stored.size;
    await waitFor(() => stored.size > before + 100, { timeoutMs: 20_000 });
    await stuck.close();
    isOver = true;
    await traffic;
    await waitFor(() => stored.size === sent.length, { timeoutMs: 20_000 });
    await steady.close();
    await publisher.close();
    expect(sent.filter((id) => !stored.has(id))).toEqual([]);
    expect(await deadLetters(stage)).toEqual([]);
  }, 90_000);

  it('a handler that outlasts the session keeps its partitions', async () => {
    const stage = await aStage({ partitions: 1 });
    const publisher = new Publisher(address());
    await publisher.start();
    await publisher.publish([{ ...feedbackReceivedMessage(aFeedback()), topic: stage.topic }]);
    let calls = 0;
    let isStored = false;
    const slow: Handle = async (batch, context) => {
      calls += 1;
      const until = Date.now() + 9_000;
      await waitFor(() => Date.now() > until, { timeoutMs: 12_000 });
      await context.settle(batch.map(() => ok));
      isStored = !context.rebalancing;
    };
    const app = await startConsuming(stage, slow, { sessionTimeoutMs: 6_000 });
    await waitFor(() => isStored, { timeoutMs: 20_000 });
    await app.close();
    await publisher.close();
    expect(calls).toBe(1);
  }, 40_000);
});
