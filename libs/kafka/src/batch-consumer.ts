import { topics } from '#contracts';
import type { Health } from '#observability';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { assertOneHandlerPerTopic } from './assert-handlers.js';
import type { BatchHandlerSpec } from './batch-handler.js';
import { BatchRunner, type ErrorClass } from './batch-runner.js';
import type { KafkaAddress } from './client.js';
import { DeadLetters } from './dead-letters.js';
import type { LedgerWriter } from './ledger/ledger-writer.js';
import type { Publisher } from './publisher.js';
import { TopicConsumer } from './topic-consumer.js';

export interface BatchConsumerOptions extends Omit<KafkaAddress, 'clientId'> {
  /** The app's name: group ids are `<app>.<topic>`, its quarantine is `dead.<app>.v1`. */
  readonly app: string;
  readonly clientId?: string;
  /** Writes the dead letters; started and closed by whoever made it, after this consumer is closed. */
  readonly publisher: Publisher;
  readonly health: Health;
  /** Apps with a database pass `classifyDatabaseError`; without it every error counts as unknown. */
  readonly classify?: (error: unknown) => ErrorClass;
  readonly storeLarge?: (bytes: Buffer) => Promise<string>;
  /** Counts what becomes of feedback.received.v1, the one topic that the ledger follows. */
  readonly ledger?: LedgerWriter;
  /** Where given, every one of these topics must have a handler, or the process does not start. */
  readonly topics?: readonly string[];
  readonly sessionTimeoutMs?: number;
}

/** Nest transport: gives each topic's batches to the one method that `@BatchHandler` names. */
export class BatchConsumer extends Server implements CustomTransportStrategy {
  override transportId = Symbol('phanhoi.kafka');
  #consumers: TopicConsumer[] = [];

  constructor(private readonly options: BatchConsumerOptions) {
    super();
  }

  /** Starts consuming in the background: returns at once, with or without a broker. */
  listen(callback: (error?: unknown) => void): void {
    try {
      const handlers = assertOneHandlerPerTopic(this.getHandlers(), this.options.topics);
      this.#consumers = handlers.map(({ spec, handler }) => this.#consumer(spec, handler));
    } catch (error) {
      return callback(error);
    }
    for (const consumer of this.#consumers) consumer.start();
    callback();
  }

  /** Finishes the batches in hand, commits their offsets and leaves the groups. */
  async close(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.stop()));
    this.#consumers = [];
  }

  override on(): never {
    throw new Error('this transport has no events: see its metrics');
  }

  override unwrap<Consumers>(): Consumers {
    return this.#consumers as Consumers;
  }

  #consumer(spec: BatchHandlerSpec, handler: MessageHandler): TopicConsumer {
    const { app, brokers, health, ledger, logger, publisher, storeLarge, sessionTimeoutMs } = this.options;
    const loop = health.loop(`consumer ${spec.topic}`);
    const runner = new BatchRunner({
      topic: spec.topic,
      decode: spec.decode,
      handle: async (batch, context) => {
        await lastValueFrom(this.transformToObservable(await handler(batch, context)), { defaultValue: undefined });
      },
      deadLetters: new DeadLetters({ app, publisher, ...(storeLarge === undefined ? {} : { storeLarge }) }),
      classify: this.options.classify ?? (() => 'unknown'),
      logger,
      turn: () => loop.turn(),
      ...(ledger === undefined || spec.topic !== topics.feedbackReceived ? {} : { ledger }),
    });
    return new TopicConsumer({
      brokers,
      clientId: this.options.clientId ?? app,
      topic: spec.topic,
      groupId: `${app}.${spec.topic}`,
      runner,
      loop,
      logger,
      ...(sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }),
    });
  }
}
