import { readTopic } from '#kafka';
import { createLogger } from '#observability';

/** Version of the keys under which the coordinator keeps groups, as opposed to offsets. Source: Kafka, GroupMetadataKey.json. */
const groupKeyVersion = 2;

/** The generation of every group of consumers: each rebalance raises it by one. */
export async function groupGenerations(brokers: readonly string[]): Promise<Map<string, number>> {
  const generations = new Map<string, number>();
  await readTopic(
    { brokers, clientId: 'chaos', logger: createLogger('chaos', 'error') },
    {
      topic: '__consumer_offsets',
      onRecord: ({ key, bytes }) => {
        const keyBytes = Buffer.from(key ?? '');
        if (bytes === null || keyBytes.length < 4 || keyBytes.readInt16BE(0) !== groupKeyVersion) return;
        generations.set(keyBytes.subarray(4).toString(), generationIn(bytes));
      },
    },
  );
  return generations;
}

/** Behind version and type of the protocol. Source: Kafka, GroupMetadataValue.json. */
function generationIn(value: Buffer): number {
  return value.readInt32BE(4 + value.readInt16BE(2));
}

/** How often the groups that existed before have been rebalanced since. */
export function rebalancesSince(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): number {
  return [...before].reduce((sum, [group, generation]) => sum + ((now.get(group) ?? generation) - generation), 0);
}
