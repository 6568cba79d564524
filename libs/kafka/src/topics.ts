import { setTimeout as sleep } from 'node:timers/promises';
import type { TopicDefinition } from '#contracts';
import { gauge } from '#observability';
import type { Admin } from 'kafkajs';
import { brokerErrorType, createClient, describeError, type KafkaAddress } from './client.js';

const requestTimeoutMs = 10_000;
/** Some hundred partitions on a busy broker take this long to be led. */
const leadersTimeoutMs = 60_000;
const missingRetryMs = 5_000;

/** Runs `work` with a connected admin client. Rejects when no broker answers within a few seconds. */
export async function withAdmin<Result>(
  address: KafkaAddress,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const client = createClient({
    ...address,
    requestTimeoutMs,
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 },
  });
  const admin = client.kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await Promise.race([admin.disconnect(), sleep(1_000, undefined, { ref: false })]);
    client.cut('done');
  }
}

const notYet = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION']);

/** Until every partition answers: metadata names a leader a moment before it serves, and who publishes in between publishes twice. */
async function untilLed(admin: Admin, names: readonly string[]): Promise<void> {
  const deadline = Date.now() + leadersTimeoutMs;
  for (const name of names) {
    for (;;) {
      try {
        await admin.fetchTopicOffsets(name);
        break;
      } catch (error) {
        if (!notYet.has(brokerErrorType(error) ?? '') || Date.now() > deadline) throw error;
        await sleep(50);
      }
    }
  }
}

/**
 * Creates what is missing; never changes a topic that is there: a changed partition count would move keys to other partitions.
 * @param options.replication copies of each partition: 3 in production with `min.insync.replicas=2`, 1 on a single node.
 * @returns the names that it created.
 */
export async function ensureTopics(
  address: KafkaAddress,
  definitions: readonly TopicDefinition[],
  options: { readonly replication: number },
): Promise<string[]> {
  return withAdmin(address, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = definitions.filter(({ name }) => !existing.has(name));
    if (missing.length > 0) {
      await admin.createTopics({
        // kafkajs gives up on a broker that has not heard of the new topics yet, so the waiting is ours.
        waitForLeaders: false,
        topics: missing.map(({ name, partitions, config }) => ({
          topic: name,
          numPartitions: partitions,
          replicationFactor: options.replication,
          configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
        })),
      });
      await untilLed(
        admin,
        missing.map(({ name }) => name),
      );
    }
    for (const { name, partitions } of definitions.filter((definition) => existing.has(definition.name))) {
      const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
      const actual = topics[0]?.partitions.length;
      if (actual !== partitions)
        address.logger.warn({ topic: name, actual, wanted: partitions }, 'partition count is kept');
    }
    return missing.map(({ name }) => name);
  });
}

const missingTopics = gauge({
  name: 'phanhoi_kafka_topics_missing',
  help: 'Topics that this app uses and the broker does not have.',
});

/** Says which topics are missing, again every 5 s until none is. The process stays up meanwhile. */
export class TopicCheck {
  #missing: readonly string[] = [];
  #isStopped = false;
  #wake = new AbortController();

  constructor(
    private readonly address: KafkaAddress,
    private readonly topics: readonly string[],
  ) {}

  /** As of the last look. */
  get missing(): readonly string[] {
    return this.#missing;
  }

  /** Resolves once every topic is there, or `stop` was called; never rejects. */
  async run(): Promise<void> {
    const { logger } = this.address;
    while (!this.#isStopped) {
      try {
        const existing = new Set(await withAdmin(this.address, (admin) => admin.listTopics()));
        this.#missing = this.topics.filter((topic) => !existing.has(topic));
        missingTopics.set(this.#missing.length);
        if (this.#missing.length === 0) return;
        logger.warn({ missing: this.#missing }, 'topics are missing: run the topic job');
      } catch (error) {
        logger.warn({ error: describeError(error) }, 'topics cannot be checked');
      }
      await this.#pause();
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake.abort();
  }

  async #pause(): Promise<void> {
    await sleep(missingRetryMs, undefined, { ref: false, signal: this.#wake.signal }).catch((error: unknown) => {
      if (!this.#isStopped) throw error;
    });
  }
}
