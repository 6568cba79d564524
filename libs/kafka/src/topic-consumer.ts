import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger, LoopWatch } from '#observability';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { type BatchRunner, BrakeEngaged, LeaveBatch } from './batch-runner.js';
import { brokerErrorType, type Client, createClient, describeError, type KafkaAddress } from './client.js';
import { consumerMetrics } from './consumer-metrics.js';
import { GatheredRuns } from './gathered-runs.js';
import { toRecord } from './log-record.js';
import { PartitionTenure } from './partition-tenure.js';

export interface TopicConsumerOptions extends KafkaAddress {
  readonly topic: string;
  readonly groupId: string;
  readonly runner: BatchRunner;
  readonly loop: LoopWatch;
  readonly logger: Logger;
  /** Milliseconds after which the broker gives the partitions of a silent member to others; default 9,000. */
  readonly sessionTimeoutMs?: number;
}

const eventsPerBatch = 500;
const missingTopicRetryMs = 5_000;
const maxRestartMs = 3_000;
const livenessTickMs = 1_000;
const joinGraceMs = 5_000;

/** One consumer and one group for one topic, made anew whenever kafkajs gives it up. */
export class TopicConsumer {
  #current: { readonly client: Client; readonly consumer: Consumer } | undefined;
  #end: (() => void) | undefined;
  #isStopping = false;
  #isHalted = false;
  #joining: Promise<void> = Promise.resolve();
  /** Set once a heartbeat said that the group rebalances, until this member has joined again. */
  #rebalance: Error | undefined;
  #done: Promise<void> = Promise.resolve();

  readonly #runs: GatheredRuns;

  constructor(private readonly options: TopicConsumerOptions) {
    this.#runs = new GatheredRuns(options.runner, { events: eventsPerBatch, atOnce: 3 });
  }

  start(): void {
    consumerMetrics.stopped.set({ topic: this.options.topic }, 0);
    this.#done = this.#live();
  }

  /** Finishes the batch in hand, commits its offset and leaves the group. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    // kafkajs forgets a stop that comes while it joins, and would then stay in the group with nobody to consume.
    await Promise.race([this.#joining.catch(() => undefined), sleep(joinGraceMs, undefined, { ref: false })]);
    await this.#current?.consumer.stop();
    this.#end?.();
    await this.#done;
  }

  async #live(): Promise<void> {
    const { logger, topic, loop } = this.options;
    for (let attempt = 1; !this.#isStopping && !this.#isHalted; attempt++) {
      const startedAt = Date.now();
      try {
        await this.#session();
      } catch (error) {
        const isMissing = brokerErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION';
        if (isMissing) logger.warn({ topic }, 'topic is missing, trying again in 5 s');
        else logger.warn({ topic, error: describeError(error) }, 'consumer ended, starting again');
        if (Date.now() - startedAt > 30_000) attempt = 1;
        await this.#wait(isMissing ? missingTopicRetryMs : Math.min(maxRestartMs, 100 * 2 ** Math.min(attempt, 10)));
      }
    }
    // Stopped by the brake: the process stays up and ready, the metric and the log call for a human.
    while (this.#isHalted && !this.#isStopping) await this.#wait(livenessTickMs);
    loop.stop();
  }

  /** From connecting until the consumer crashes (rejects), is halted or is stopped (resolves). */
  async #session(): Promise<void> {
    const { groupId, loop, sessionTimeoutMs = 9_000 } = this.options;
    loop.turn();
    const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 6, restartOnFailure: async () => false };
    const client = createClient({ ...this.options, requestTimeoutMs: 15_000, retry });
    const consumer = client.kafka.consumer({
      groupId,
      retry,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.floor(sessionTimeoutMs / 6),
      rebalanceTimeout: 60_000,
      maxWaitTimeInMs: 500,
      maxBytesPerPartition: 1024 * 1024,
      allowAutoTopicCreation: false,
    });
    const ended = new Promise<void>((resolve, reject) => {
      this.#end = resolve;
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    });
    // Awaited below; a crash while connecting must not count as unhandled meanwhile.
    ended.catch(() => undefined);
    consumer.on(consumer.events.FETCH, () => loop.turn());
    consumer.on(consumer.events.GROUP_JOIN, () => {
      this.#rebalance = undefined;
    });
    this.#current = { client, consumer };
    this.#rebalance = undefined;
    try {
      await Promise.race([this.#run(consumer), ended]);
      await ended;
    } finally {
      this.#current = undefined;
      await Promise.race([consumer.disconnect(), sleep(5_000, undefined, { ref: false })]);
      client.cut('the consumer ended');
    }
  }

  async #run(consumer: Consumer): Promise<void> {
    const isCurrent = () => this.#current?.consumer === consumer;
    await consumer.connect();
    if (isCurrent()) await consumer.subscribe({ topic: this.options.topic, fromBeginning: true });
    // A stop may have come while connecting: a consumer that runs after that would never leave its group.
    if (!isCurrent() || this.#isStopping) return;
    this.#joining = consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // All that a topic has: they are gathered into few runs.
      partitionsConsumedConcurrently: 12,
      eachBatch: (payload) => this.#eachBatch(payload),
    });
    await this.#joining;
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    this.#noteLag(batch.partition, Number(batch.highWatermark) - Number(batch.firstOffset() ?? batch.highWatermark));
    const tenure = new PartitionTenure(payload, this.options.logger, (error) => {
      this.#rebalance = error;
    });
    try {
      for (let at = 0; at < batch.messages.length; at += eventsPerBatch) {
        if (this.#isHalted || !payload.isRunning() || payload.isStale()) return;
        if (this.#rebalance !== undefined) throw this.#rebalance;
        await this.#finish(batch.messages.slice(at, at + eventsPerBatch), payload, tenure);
      }
    } catch (error) {
      if (error instanceof BrakeEngaged) return this.#halt(error);
      if (!(error instanceof LeaveBatch)) throw error;
      // kafkajs joins the group again when it sees the error that the heartbeat brought.
      if (this.#rebalance !== undefined) throw this.#rebalance;
    } finally {
      tenure.end();
    }
  }

  async #finish(messages: KafkaMessage[], payload: EachBatchPayload, tenure: PartitionTenure): Promise<void> {
    const { topic, partition, highWatermark } = payload.batch;
    const last = messages.at(-1);
    if (last === undefined) return;
    await this.#runs.run(
      messages.map((message) => toRecord(topic, partition, message)),
      tenure,
    );
    const next = String(BigInt(last.offset) + 1n);
    payload.resolveOffset(last.offset);
    await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: next }] }] });
    this.#noteLag(partition, Number(highWatermark) - Number(next));
  }

  #halt(error: BrakeEngaged): void {
    const { topic, logger } = this.options;
    if (this.#isHalted) return;
    this.#isHalted = true;
    consumerMetrics.stopped.set({ topic }, 1);
    logger.fatal(
      { topic, err: error.cause },
      'consuming stopped: too many events cannot be stored, the offset is kept',
    );
    this.#end?.();
  }

  #noteLag(partition: number, lag: number): void {
    consumerMetrics.lag.set({ topic: this.options.topic, partition: String(partition) }, Math.max(0, lag));
  }

  async #wait(ms: number): Promise<void> {
    for (const until = Date.now() + ms; Date.now() < until && !this.#isStopping; ) {
      this.options.loop.turn();
      await sleep(Math.min(livenessTickMs / 4, Math.max(1, until - Date.now())));
    }
  }
}
