import { apps, contracts, type DeadLetter, deadLetterMessage, decode, topicDefinitions, topics } from '#contracts';
import { ensureTopics, Publisher, readTopic } from '#kafka';
import { createLogger } from '#observability';
import { testBrokers } from '#testing';
import { randomUUID } from 'node:crypto';
import { type Listed, QuarantineCommand } from './quarantine-command.js';

const command = new QuarantineCommand(testBrokers());
const logger = createLogger('test', 'silent');
const address = () => ({ brokers: testBrokers(), clientId: 'quarantine-test', logger });
const event = randomUUID();
const bytes = Buffer.from(`{"poison":"${event}"}`);

const letter = (change: Partial<DeadLetter>): DeadLetter => ({
  id: randomUUID(),
  app: 'reporting',
  reason: 'schema_violation',
  step: 'decode',
  at: new Date().toISOString(),
  source: { kind: 'log', topic: topics.feedbackReceived, partition: 0, offset: '7' },
  key: event,
  headers: { ce_id: event, ce_partitionkey: event },
  body: { sha256: '0'.repeat(64), bytes: bytes.length, base64: bytes.toString('base64') },
  ...change,
});
const consumers = letter({});
const intakes = letter({ app: 'web-form-intake', source: { kind: 'intake', channel: 'web_form', account: 'default' } });

async function listed(...args: string[]): Promise<Listed[]> {
  const items = await command.list(...args);
  return items.filter(({ letter: { id } }) => id === consumers.id || id === intakes.id);
}

async function countOf(
  topic: string,
  fits: (headers: Readonly<Record<string, string>>, value: Buffer | null) => boolean,
) {
  let count = 0;
  await readTopic(address(), {
    topic,
    onRecord: ({ headers, bytes: value }) => {
      if (fits(headers, value)) count += 1;
    },
  });
  return count;
}

beforeAll(async () => {
  await ensureTopics(address(), topicDefinitions(apps), { replication: 1 });
  const publisher = new Publisher(address());
  await publisher.start();
  await publisher.publish([consumers, intakes].map((dead) => deadLetterMessage(dead)));
  await publisher.close();
}, 60_000);

it('lists what waits, replays each to where it came from, and remembers it', async () => {
  expect((await listed()).map((item) => item.letter)).toEqual(expect.arrayContaining([consumers, intakes]));
  expect(await listed('--app', 'ticketing')).toEqual([]);
  expect(await command.run('show', consumers.id, '--bytes')).toBe(bytes.toString());

  await command.run('replay', consumers.id, intakes.id, '--by', 'lan');
  expect(await countOf(topics.feedbackReceived, (_, value) => value?.equals(bytes) ?? false)).toBe(1);
  const replays = await countOf(topics.intakeReplay('web-form-intake'), (headers, value) => {
    const replay = decode(contracts.intakeReplay, { headers, value });
    return replay.ok && replay.data.id === intakes.id && replay.data.body.base64 === bytes.toString('base64');
  });
  expect(replays).toBe(1);
  expect(await listed()).toEqual([]);
  expect((await listed('--all')).map(({ resolved }) => [resolved?.resolution, resolved?.by])).toEqual([
    ['replayed', 'lan'],
    ['replayed', 'lan'],
  ]);
}, 120_000);

it('says that nothing waits instead of doing it twice', async () => {
  await expect(command.run('replay', consumers.id)).rejects.toThrow('No waiting dead letter fits');
}, 60_000);
