import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer } from 'kafkajs';
import type { LogRecord } from './batch-handler.js';
import { brokerErrorType, createClient, type KafkaAddress } from './client.js';
import { toRecord } from './log-record.js';
import { withAdmin } from './topics.js';

export interface ReadTopicOptions {
  readonly topic: string;
  /** Milliseconds since 1970: only records stamped then or later; default all. */
  readonly from?: number;
  /** By partition, the first offset to read; it comes before `from`. For reading on where an earlier call ended. */
  readonly fromOffsets?: ReadonlyMap<number, string>;
  /** Called in order within a partition, one at a time. */
  readonly onRecord: (record: LogRecord) => void | Promise<void>;
}

/**
 * Reads a topic up to where it ended when the call began, and leaves no offsets behind.
 * @returns how many records it read. Rejects when the topic is missing, the broker goes away, or `onRecord` throws.
 */
export async function readTopic(address: KafkaAddress, options: ReadTopicOptions): Promise<number> {
  const { topic, from, fromOffsets, onRecord } = options;
  const ends = new Map<number, bigint>();
  const starts = new Map<number, string>();
  await withAdmin(address, async (admin) => {
    const first = from === undefined ? undefined : await admin.fetchTopicOffsetsByTimestamp(topic, from);
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      const start = fromOffsets?.get(partition) ?? first?.find((seek) => seek.partition === partition)?.offset ?? low;
      if (BigInt(start) >= BigInt(high)) continue;
      ends.set(partition, BigInt(high));
      starts.set(partition, start);
    }
  });
  if (ends.size === 0) return 0;
  let records = 0;
  await withGroup(address, topic, async (consumer, ended) => {
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
        const end = ends.get(batch.partition);
        if (end === undefined) return;
        try {
          for (const message of batch.messages) {
            if (BigInt(message.offset) >= end) break;
            await onRecord(toRecord(topic, batch.partition, message));
            records += 1;
            await heartbeat();
          }
        } catch (error) {
          return ended.reject(error);
        }
        resolveOffset(batch.lastOffset());
        if (BigInt(batch.lastOffset()) + 1n >= end) ends.delete(batch.partition);
        if (ends.size === 0) ended.resolve();
      },
    });
    // A crash while joining rejects `ended`, and a consumer that crashed cannot seek.
    await Promise.race([ended.promise, Promise.resolve()]);
    for (const [partition, offset] of starts) consumer.seek({ topic, partition, offset });
    await ended.promise;
  });
  return records;
}

const loadingTries = 60;

/** A broker that has just started refuses to join while it loads its groups, and kafkajs takes that for a crash. */
async function withGroup(...[address, topic, work]: Parameters<typeof withTemporaryConsumer>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await withTemporaryConsumer(address, topic, work);
    } catch (error) {
      if (brokerErrorType(error) !== 'GROUP_LOAD_IN_PROGRESS' || attempt === loadingTries) throw error;
      await sleep(500);
    }
  }
}

async function withTemporaryConsumer(
  address: KafkaAddress,
  topic: string,
  work: (consumer: Consumer, ended: PromiseWithResolvers<void>) => Promise<void>,
): Promise<void> {
  const groupId = `${address.clientId}.read.${randomUUID()}`;
  const client = createClient({
    ...address,
    requestTimeoutMs: 15_000,
    retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 1_000 },
  });
  const consumer = client.kafka.consumer({
    groupId,
    maxWaitTimeInMs: 100,
    retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 1_000, restartOnFailure: async () => false },
    allowAutoTopicCreation: false,
  });
  const ended = Promise.withResolvers<void>();
  ended.promise.catch(() => undefined); // awaited by the work, which may still be connecting
  consumer.on(consumer.events.CRASH, ({ payload }) => ended.reject(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await work(consumer, ended);
  } finally {
    await Promise.race([consumer.disconnect(), sleep(3_000, undefined, { ref: false })]);
    client.cut('done');
  }
}
