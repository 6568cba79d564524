import { createHash } from 'node:crypto';
import { type DeadLetter, deadLetterId, feedbackReceivedMessage, topics, type WireMessage } from '#contracts';
import { ensureTopics, ok, Publisher } from '#kafka';
import { metricsText } from '#observability';
import { aFeedback, waitFor } from '#testing';
import { address, aStage, deadLetters, type Handle, startConsuming } from './consuming-app.js';

let publisher: Publisher;
beforeAll(async () => {
  publisher = new Publisher(address());
  await publisher.start();
});
afterAll(() => publisher.close());

const feedbackOn = (topic: string): WireMessage => ({ ...feedbackReceivedMessage(aFeedback()), topic });
const json = (message: WireMessage) => JSON.parse(String(message.value)) as Record<string, unknown>;
const withData = (message: WireMessage, data: unknown) => ({ ...message, value: Buffer.from(JSON.stringify(data)) });
const without = ({ headers, ...rest }: WireMessage, ...names: string[]) => ({
  ...rest,
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name))),
});

/** Fault F9, each with the reason that its letter must carry. */
const poisons: [string, string, (good: WireMessage) => WireMessage][] = [
  ['not JSON', 'not_json', (good) => ({ ...good, value: Buffer.from('{"id":') })],
  ['not UTF-8', 'not_json', (good) => ({ ...good, value: Buffer.from([0x22, 0xff, 0xfe, 0x22]) })],
  ['empty', 'not_json', (good) => ({ ...good, value: Buffer.alloc(0) })],
  ['wrong types', 'schema_violation', (good) => withData(good, { ...json(good), attachments: 'none', account: 7 })],
  ['an array', 'schema_violation', (good) => withData(good, [json(good)])],
  ['a missing field', 'schema_violation', (good) => withData(good, { ...json(good), raw: undefined })],
  [
    'a future version',
    'unknown_version',
    (good) => ({ ...good, headers: { ...good.headers, ce_type: 'feedback.received.v2' } }),
  ],
  ['a null value', 'null_value', (good) => ({ ...good, value: null })],
  ['no headers', 'missing_headers', (good) => ({ ...good, headers: {} })],
  ['no ce_id', 'missing_headers', (good) => without(good, 'ce_id')],
];

function store() {
  const stored: string[] = [];
  const handle: Handle = async (batch, context) => {
    await context.settle(batch.map(() => ok));
    stored.push(...batch.map(({ id }) => id));
  };
  return { stored, handle };
}

describe('poison on a topic', () => {
  it('goes to quarantine with its bytes and its reason, each kind, and delays no neighbour', async () => {
    const stage = await aStage({ partitions: 1 });
    const messages = poisons.flatMap(([, , spoil]) => [feedbackOn(stage.topic), spoil(feedbackOn(stage.topic))]);
    await publisher.publish([...messages, feedbackOn(stage.topic)]);
    const { stored, handle } = store();
    const app = await startConsuming(stage, handle);
    await waitFor(() => stored.length === poisons.length + 1);
    await app.close();
    const offset = (letter: DeadLetter) => (letter.source.kind === 'log' ? Number(letter.source.offset) : -1);
    const letters = (await deadLetters(stage)).sort((a, b) => offset(a) - offset(b));
    expect(
      letters.map(({ id, app: by, reason, step, source, key, headers, body }) => ({
        id,
        by,
        reason,
        step,
        source,
        key,
        headers,
        bytes: body?.base64,
        sha256: body?.sha256,
      })),
    ).toEqual(
      poisons.map(([, reason], index) => {
        const offset = String(2 * index + 1);
        const bad = messages[2 * index + 1];
        const bytes = bad?.value ?? undefined;
        return {
          id: deadLetterId(stage.topic, 0, offset),
          by: stage.app,
          reason,
          step: 'decode',
          source: { kind: 'log', topic: stage.topic, partition: 0, offset, timestamp: String(bad?.timestamp) },
          key: bad?.key,
          headers: bad?.headers,
          bytes: bytes?.toString('base64'),
          sha256: bytes === undefined ? undefined : createHash('sha256').update(bytes).digest('hex'),
        };
      }),
    );
  });

  it('keeps bytes beyond 128 KiB in the store', async () => {
    const stage = await aStage({ partitions: 1 });
    const large = { ...feedbackOn(stage.topic), value: Buffer.alloc(200_000, 'x') };
    const huge = { ...feedbackOn(stage.topic), value: Buffer.alloc(900_000, 'y') };
    await publisher.publish([large, huge]);
    const kept: number[] = [];
    const storeLarge = async (bytes: Buffer) => {
      kept.push(bytes.length);
      return `store:${createHash('sha256').update(bytes).digest('hex')}`;
    };
    const app = await startConsuming(stage, store().handle, { storeLarge });
    const letters = await waitFor(async () => (await deadLetters(stage)).length === 2 && deadLetters(stage));
    await app.close();
    expect(kept).toEqual([200_000, 900_000]);
    // Letters of different keys lie on different partitions: their order when read says nothing.
    const bodies = letters.map(({ body }) => body).sort((a, b) => (a?.bytes ?? 0) - (b?.bytes ?? 0));
    expect(bodies).toEqual(
      [large, huge].map(({ value }) => {
        const sha256 = createHash('sha256').update(value).digest('hex');
        return { sha256, bytes: value.length, ref: `store:${sha256}` };
      }),
    );
  });

  it('without a store names where the bytes lie on the log when they are too large for a letter', async () => {
    const stage = await aStage({ partitions: 1 });
    const huge = { ...feedbackOn(stage.topic), value: Buffer.alloc(900_000, 'y') };
    await publisher.publish([huge]);
    const app = await startConsuming(stage, store().handle);
    const letters = await waitFor(async () => (await deadLetters(stage)).length === 1 && deadLetters(stage));
    await app.close();
    expect(letters[0]?.body).toMatchObject({ bytes: 900_000, ref: `log:${stage.topic}/0/0` });
  });

  it('is not skipped while the quarantine cannot be written: the offset stays, the process lives, and all goes on once it can', async () => {
    const stage = await aStage({ partitions: 1, dead: false });
    const [poison, good] = [{ ...feedbackOn(stage.topic), value: null }, feedbackOn(stage.topic)];
    await publisher.publish([poison, good]);
    const first = store();
    const app = await startConsuming(stage, first.handle);
    await waitFor(async () => (await metricsText()).text.includes(`letters_unwritten{topic="${stage.topic}"} 1`), {
      timeoutMs: 20_000,
    });
    expect({ stored: first.stored, live: app.health.liveness().ok, ready: (await app.health.readiness()).ok }).toEqual({
      stored: [],
      live: true,
      ready: true,
    });
    await ensureTopics(address(), [{ name: topics.dead(stage.app), partitions: 1, config: {} }], { replication: 1 });
    await waitFor(() => first.stored.length === 1, { timeoutMs: 20_000 });
    await app.close();
    expect(await deadLetters(stage)).toEqual([expect.objectContaining({ key: poison.key, reason: 'null_value' })]);
  });
});
