import { setTimeout as sleep } from 'node:timers/promises';
import { feedbackReceivedMessage, type WireMessage } from '#contracts';
import { type Consumed, deadLetter, drop, type Outcome, ok, Publisher, retry } from '#kafka';
import { aFeedback, waitFor } from '#testing';
import { Kafka, logLevel } from 'kafkajs';
import { address, aStage, deadLetters, type Handle, settleAll, type Stage, startConsuming } from './consuming-app.js';

let publisher: Publisher;
beforeAll(async () => {
  publisher = new Publisher(address());
  await publisher.start();
});
afterAll(() => publisher.close());

const messagesFor = (stage: Stage, count: number): WireMessage[] =>
  Array.from({ length: count }, (_, index) => ({
    ...feedbackReceivedMessage(aFeedback({ text: `tin ${index}` })),
    topic: stage.topic,
  }));

/** Remembers what it was given and stored, as a database would. */
function store() {
  const stored: string[] = [];
  const delivered: number[] = [];
  const handle: Handle = async (batch, context) => {
    delivered.push(batch.length);
    await context.settle(batch.map(() => ok));
    stored.push(...batch.map(({ id }) => id));
  };
  return { stored, delivered, handle };
}

const ids = (messages: readonly WireMessage[]) => messages.map(({ key }) => key).sort();

describe('a batch consumer', () => {
  it('gives the handler decoded events in batches of at most 500, in the order of each partition', async () => {
    const stage = await aStage({ partitions: 2 });
    const messages = messagesFor(stage, 1_300);
    await publisher.publish(messages);
    const seen: Consumed<unknown>[] = [];
    const { delivered, handle } = store();
    const app = await startConsuming(stage, async (batch, context) => {
      await handle(batch, context);
      seen.push(...batch);
    });
    await waitFor(() => seen.length === messages.length);
    await app.close();
    expect(Math.max(...delivered)).toBeLessThanOrEqual(500);
    expect(seen.map(({ id }) => id).sort()).toEqual(ids(messages));
    for (const partition of [0, 1]) {
      const offsets = seen.filter((event) => event.partition === partition).map(({ offset }) => Number(offset));
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    }
  });

  it('goes on behind the committed offset after a restart', async () => {
    const stage = await aStage();
    const first = messagesFor(stage, 40);
    await publisher.publish(first);
    const before = store();
    const one = await startConsuming(stage, before.handle);
    await waitFor(() => before.stored.length === 40);
    await one.close();
    const second = messagesFor(stage, 5);
    await publisher.publish(second);
    const after = store();
    const two = await startConsuming(stage, after.handle);
    await waitFor(() => after.stored.length >= 5);
    await two.close();
    expect(after.stored.sort()).toEqual(ids(second));
  });

  it.each([0, 20, 60, 120, 250, 500])(
    'leaves its group when stopped %i ms after its start, joined or not',
    async (delay) => {
      const stage = await aStage({ partitions: 1 });
      await publisher.publish(messagesFor(stage, 3));
      const brief = await startConsuming(stage, store().handle);
      await sleep(delay);
      await brief.close();
      const admin = new Kafka({ brokers: stage.brokers, logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const { groups } = await admin.describeGroups([`${stage.app}.${stage.topic}`]);
      await admin.disconnect();
      expect(groups[0]?.members).toEqual([]);
    },
  );

  it('delivers again what a handler did not finish', async () => {
    const stage = await aStage();
    const messages = messagesFor(stage, 10);
    await publisher.publish(messages);
    let hangs = true;
    const stuck = await startConsuming(
      stage,
      async () => {
        if (hangs) throw Object.assign(new Error('connect ECONNREFUSED'), { class: 'transient' });
      },
      { classify: () => 'transient' },
    );
    await waitFor(() => stuck.health.liveness().ok);
    await stuck.close();
    hangs = false;
    const { stored, handle } = store();
    const app = await startConsuming(stage, handle);
    await waitFor(() => stored.length === 10);
    await app.close();
    expect(stored.sort()).toEqual(ids(messages));
  });

  it.each([
    ['transient', 4],
    ['race', 3],
  ] as const)('retries a %s error with a fresh load and quarantines nothing', async (kind, failures) => {
    const stage = await aStage({ partitions: 1 });
    const messages = messagesFor(stage, 20);
    await publisher.publish(messages);
    const { stored, handle } = store();
    let failed = 0;
    const app = await startConsuming(
      stage,
      async (batch, context) => {
        if (failed++ < failures) throw new Error('deadlock detected');
        await handle(batch, context);
      },
      { classify: () => kind },
    );
    await waitFor(() => stored.length === 20, { timeoutMs: 20_000 });
    await app.close();
    expect(stored).toHaveLength(20);
    expect(await deadLetters(stage)).toEqual([]);
  });

  it.each([
    ['permanent', 'refused_by_database', 'store'],
    ['unknown', 'unknown_failure', 'decide'],
  ] as const)(
    'finds the one event of 500 with a %s error, quarantines it and stores 499',
    async (kind, reason, step) => {
      const stage = await aStage({ partitions: 1 });
      const messages = messagesFor(stage, 500);
      const bad = messages[321];
      await publisher.publish(messages);
      const { stored, handle } = store();
      const app = await startConsuming(
        stage,
        async (batch, context) => {
          if (batch.some(({ id }) => id === bad?.key)) throw new Error('value too long');
          await handle(batch, context);
        },
        { classify: () => kind },
      );
      await waitFor(() => stored.length === 499);
      const letters = await waitFor(async () => (await deadLetters(stage)).length > 0 && deadLetters(stage));
      await app.close();
      expect(stored).toEqual(messages.filter((message) => message !== bad).map(({ key }) => key));
      expect(letters).toEqual([
        expect.objectContaining({
          key: bad?.key,
          reason,
          step,
          detail: 'Error: value too long',
          headers: bad?.headers,
        }),
      ]);
      expect(Buffer.from(letters[0]?.body?.base64 ?? '', 'base64')).toEqual(bad?.value);
    },
  );

  it('acts on outcomes: drops, retries and writes dead letters before the handler goes on', async () => {
    const stage = await aStage({ partitions: 1 });
    const messages = messagesFor(stage, 4);
    await publisher.publish(messages);
    let attempts = 0;
    let lettersAtCommit = -1;
    const app = await startConsuming(stage, async (batch, context) => {
      const of = (id: string): Outcome =>
        id === messages[1]?.key
          ? drop('duplicate')
          : id === messages[2]?.key
            ? deadLetter('gap', 'decide', 'after 3')
            : ok;
      const outcomes = batch.map(({ id }) => of(id));
      await context.settle(attempts++ === 0 ? outcomes.with(0, retry('ticket_moved')) : outcomes);
      lettersAtCommit = (await deadLetters(stage)).length;
    });
    await waitFor(() => lettersAtCommit >= 0);
    await app.close();
    expect({ attempts, lettersAtCommit }).toEqual({ attempts: 2, lettersAtCommit: 1 });
    expect(await deadLetters(stage)).toEqual([
      expect.objectContaining({ key: messages[2]?.key, reason: 'gap', step: 'decide', detail: 'after 3' }),
    ]);
  });

  it('stops consuming and keeps the offset when 20 events in a row cannot be stored', async () => {
    const stage = await aStage({ partitions: 1 });
    const messages = messagesFor(stage, 60);
    await publisher.publish(messages);
    let calls = 0;
    const broken = await startConsuming(stage, async () => {
      calls += 1;
      throw new TypeError('undefined is not a function');
    });
    const letters = await waitFor(async () => (await deadLetters(stage)).length >= 19 && deadLetters(stage));
    const callsWhenStopped = await waitFor(() => broken.health.liveness().ok && calls);
    await broken.close();
    expect(letters).toHaveLength(19);
    expect(calls).toBe(callsWhenStopped);
    const { stored, handle } = store();
    const fixed = await startConsuming(stage, handle);
    await waitFor(() => stored.length === 60);
    await fixed.close();
    expect(stored).toEqual(messages.map(({ key }) => key));
  });

  it('counts a handler that settles nothing as broken instead of losing its batch', async () => {
    const stage = await aStage({ partitions: 1 });
    await publisher.publish(messagesFor(stage, 1));
    const app = await startConsuming(stage, async () => {});
    const letters = await waitFor(async () => (await deadLetters(stage)).length > 0 && deadLetters(stage));
    await app.close();
    expect(letters).toEqual([expect.objectContaining({ reason: 'unknown_failure', step: 'decide' })]);
  });

  it('does not start without exactly one handler for each topic', async () => {
    const stage = await aStage();
    await expect(startConsuming(stage, settleAll, { topics: [stage.topic, 'reply.delivery.v1'] })).rejects.toThrow(
      'no @BatchHandler for reply.delivery.v1',
    );
  });
});
