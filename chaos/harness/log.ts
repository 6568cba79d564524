import { contracts, type DeadLetter, decode, topics, type WireMessage } from '#contracts';
import { Publisher, readTopic } from '#kafka';
import { createLogger } from '#observability';

const logger = createLogger('chaos', 'error');

/** Writes to the log as an intake would, with whatever content. */
export async function writeTo<Result>(
  brokers: readonly string[],
  work: (publish: (messages: readonly WireMessage[]) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const publisher = new Publisher({ brokers, clientId: 'chaos-writer', logger });
  await publisher.start();
  try {
    return await work((messages) => publisher.publish(messages));
  } finally {
    await publisher.close();
  }
}

/** The dead letters of one app, each once. */
export async function readDeadLetters(brokers: readonly string[], app: string): Promise<DeadLetter[]> {
  const letters = new Map<string, DeadLetter>();
  await readTopic(
    { brokers, clientId: 'chaos', logger },
    {
      topic: topics.dead(app),
      onRecord: ({ headers, bytes }) => {
        const letter = decode(contracts.deadLetter, { headers, value: bytes });
        if (!letter.ok) throw new Error(`a dead letter cannot be read: ${letter.detail}`);
        letters.set(letter.data.id, letter.data);
      },
    },
  );
  return [...letters.values()];
}
