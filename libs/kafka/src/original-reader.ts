import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { partitionFor, topics } from '#contracts';
import type { Admin, Consumer, EachBatchPayload } from 'kafkajs';
import type { LogRecord } from './batch-handler.js';
import { type Client, createClient, describeError, type KafkaAddress } from './client.js';
import { toRecord } from './log-record.js';

export interface OriginalReaderOptions extends KafkaAddress {
  readonly topic?: string;
}

/** The broker could not be asked; whether the original exists is not known. */
export class OriginalUnavailable extends Error {
  override readonly name = 'OriginalUnavailable';
}

interface Session {
  readonly client: Client;
  readonly consumer: Consumer;
  readonly admin: Admin;
}

interface LookUp {
  readonly key: string;
  readonly partition: number;
  readonly end: bigint;
  recordsLeft: number;
  readonly found: PromiseWithResolvers<LogRecord | undefined>;
}

const lookBackMs = 60_000;
const maxRecords = 200_000;
const maxMs = 10_000;

/**
 * Finds the original of an event on feedback.raw.v1. One long-lived reader a process, one look-up at a time: kafkajs cannot be
 * given a partition, so a group of this process' own owns them all, commits nothing and stays paused but for the one that is read.
 */
export class OriginalReader {
  readonly #topic: string;
  #session: Promise<Session> | undefined;
  #current: LookUp | undefined;
  #line: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: OriginalReaderOptions) {
    this.#topic = options.topic ?? topics.feedbackRaw;
  }

  /** Joins its group in the background, so that the first look-up need not wait for that. Never rejects. */
  start(): void {
    this.#connected().catch((error: unknown) => {
      this.options.logger.warn({ error: describeError(error) }, 'originals cannot be read yet');
    });
  }

  /**
   * The record as the intake wrote it, or undefined when it is not among the first 200,000 records after `receivedAt` − 1 min,
   * or not found within 10 s.
   * @throws OriginalUnavailable when the broker cannot be asked.
   */
  read(eventId: string, receivedAt: Date): Promise<LogRecord | undefined> {
    const answer = this.#line.then(() => this.#lookUp(eventId, receivedAt));
    this.#line = answer.catch(() => undefined); // its caller is told; the next in line goes on
    return answer;
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session !== undefined) await this.#end(session);
  }

  async #lookUp(eventId: string, receivedAt: Date): Promise<LogRecord | undefined> {
    const timer = new AbortController();
    try {
      const { admin, consumer } = await this.#connected();
      const since = receivedAt.getTime() - lookBackMs;
      const starts = await admin.fetchTopicOffsetsByTimestamp(this.#topic, since);
      const ends = await admin.fetchTopicOffsets(this.#topic);
      const partition = partitionFor(eventId, starts.length);
      const start = starts.find((seek) => seek.partition === partition)?.offset ?? '0';
      const end = BigInt(ends.find((offsets) => offsets.partition === partition)?.high ?? '0');
      if (BigInt(start) >= end) return undefined;
      const found = Promise.withResolvers<LogRecord | undefined>();
      this.#current = { key: eventId, partition, end, recordsLeft: maxRecords, found };
      consumer.seek({ topic: this.#topic, partition, offset: start });
      consumer.resume([{ topic: this.#topic, partitions: [partition] }]);
      const tooLong = sleep(maxMs, undefined, { signal: timer.signal, ref: false });
      const record = await Promise.race([found.promise, tooLong]);
      // Pausing one partition would wake all others: kafkajs then forgets that the whole topic is paused.
      consumer.pause([{ topic: this.#topic }]);
      return record ?? undefined;
    } catch (error) {
      await this.close();
      throw new OriginalUnavailable('originals cannot be read', { cause: error });
    } finally {
      this.#current = undefined;
      timer.abort();
    }
  }

  #connected(): Promise<Session> {
    if (this.#session === undefined) {
      const session = this.#connect();
      this.#session = session;
      session.catch(() => this.#forget(session));
    }
    return this.#session;
  }

  async #connect(): Promise<Session> {
    const retry = { retries: 5, initialRetryTime: 100, maxRetryTime: 500, restartOnFailure: async () => false };
    const client = createClient({ ...this.options, requestTimeoutMs: 10_000, retry });
    const groupId = `${this.options.clientId}.originals.${randomUUID()}`;
    const consumer = client.kafka.consumer({ groupId, maxWaitTimeInMs: 50, retry, allowAutoTopicCreation: false });
    const admin = client.kafka.admin();
    const joined = Promise.withResolvers<void>();
    consumer.on(consumer.events.GROUP_JOIN, () => joined.resolve());
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      joined.reject(payload.error);
      this.#session = undefined;
      this.#current?.found.reject(payload.error);
      client.cut('the reader crashed');
    });
    try {
      await Promise.all([consumer.connect(), admin.connect()]);
      await consumer.subscribe({ topic: this.#topic, fromBeginning: true });
      const running = consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async (payload) => this.#scan(payload),
      });
      consumer.pause([{ topic: this.#topic }]);
      await Promise.all([running, joined.promise]);
      return { client, consumer, admin };
    } catch (error) {
      client.cut('connecting failed');
      throw error;
    }
  }

  #scan({ batch, resolveOffset }: EachBatchPayload): void {
    const current = this.#current;
    if (current === undefined || batch.partition !== current.partition) return;
    const message = batch.messages.find(({ key }) => key?.toString() === current.key);
    current.recordsLeft -= batch.messages.length;
    if (message !== undefined) {
      // A tombstone: the original was erased.
      current.found.resolve(message.value === null ? undefined : toRecord(this.#topic, batch.partition, message));
    } else if (current.recordsLeft <= 0 || BigInt(batch.lastOffset()) + 1n >= current.end) {
      current.found.resolve(undefined);
    }
    resolveOffset(batch.lastOffset());
  }

  #forget(session: Promise<Session>): void {
    if (this.#session === session) this.#session = undefined;
  }

  async #end(session: Promise<Session>): Promise<void> {
    try {
      const { client, consumer, admin } = await session;
      const parting = Promise.all([consumer.disconnect(), admin.disconnect()]);
      await Promise.race([parting, sleep(3_000, undefined, { ref: false })]);
      client.cut('closing');
    } catch (error) {
      this.options.logger.debug({ error: describeError(error) }, 'the reader had no connection to end');
    }
  }
}
