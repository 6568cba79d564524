import type { Admin, Producer, TopicMessages } from 'kafkajs';
import { brokerErrorType, type Client, createClient, type KafkaAddress } from './client.js';
import type { Entry } from './publish-queue.js';
import { useFastRecordEncoding } from './record-encoding.js';

useFastRecordEncoding();

interface Connection {
  readonly client: Client;
  readonly ready: Promise<{ readonly producer: Producer; readonly admin: Admin }>;
}

/**
 * One connection to produce over, replaced as a whole after any failure: kafkajs' own reconnecting keeps half-open sockets
 * and its own retries would let a later batch overtake an earlier one.
 */
export class ProducerLink {
  #connection: Connection | undefined;

  constructor(
    private readonly address: KafkaAddress,
    private readonly requestTimeoutMs: number,
  ) {}

  /** Sends one batch once. Rejects with what kafkajs threw; whether the batch is on the log is then unknown. */
  async send(batch: TopicMessages[]): Promise<void> {
    const { producer } = await this.#connected();
    await producer.sendBatch({ topicMessages: batch, acks: -1, timeout: this.requestTimeoutMs });
  }

  /** The number of partitions of a topic, undefined when it does not exist. Rejects when the broker cannot be asked. */
  async partitionCount(topic: string): Promise<number | undefined> {
    const { admin } = await this.#connected();
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics.find(({ name }) => name === topic)?.partitions.length;
    } catch (error) {
      if (brokerErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined;
      throw error;
    }
  }

  /** Rejects when no broker answers. */
  async probe(): Promise<void> {
    const { admin } = await this.#connected();
    await admin.describeCluster();
  }

  /** Gives the connection up; the next use makes a new one. What is in flight fails. Resolves when nothing of it is left; never rejects. */
  async cut(reason: string): Promise<void> {
    const old = this.#connection;
    this.#connection = undefined;
    old?.client.cut(reason);
    await old?.ready.catch(() => undefined); // whoever asked for the connection was told
  }

  #connected(): Connection['ready'] {
    if (this.#connection === undefined) {
      const client = createClient({ ...this.address, requestTimeoutMs: this.requestTimeoutMs, retry: { retries: 0 } });
      const connection = { client, ready: connect(client) };
      this.#connection = connection;
      connection.ready.catch(() => {
        client.cut('connecting failed');
        if (this.#connection === connection) this.#connection = undefined;
      });
    }
    return this.#connection.ready;
  }
}

async function connect({ kafka }: Client) {
  const producer = kafka.producer({
    idempotent: false,
    allowAutoTopicCreation: false,
    createPartitioner: () => partitionOfMessage,
    maxInFlightRequests: 1,
  });
  const admin = kafka.admin();
  await Promise.all([producer.connect(), admin.connect()]);
  return { producer, admin };
}

function partitionOfMessage({ message }: { message: { partition?: number } }): number {
  return message.partition ?? 0;
}

/** A batch as kafkajs takes it. Built once, so that a retry sends the same bytes. */
export function toTopicMessages(entries: readonly Entry[], now: number): TopicMessages[] {
  const byTopic = new Map<string, TopicMessages>();
  const clock = String(now);
  for (const { wire, partition } of entries) {
    let topic = byTopic.get(wire.topic);
    if (topic === undefined) byTopic.set(wire.topic, (topic = { topic: wire.topic, messages: [] }));
    topic.messages.push({
      key: wire.key,
      value: wire.value,
      headers: wire.headers,
      partition,
      timestamp: wire.timestamp === undefined ? clock : String(wire.timestamp),
    });
  }
  return [...byTopic.values()];
}
