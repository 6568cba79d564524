import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { contracts, type DeadLetter, decode, type FeedbackReceived, topics } from '#contracts';
import {
  BatchConsumer,
  type BatchConsumerOptions,
  type BatchContext,
  BatchHandler,
  type Consumed,
  ensureTopics,
  ok,
  Publisher,
  type LogRecord,
  readTopic,
} from '#kafka';
import { createLogger, Health } from '#observability';
import { testBrokers, uniqueName } from '#testing';

const silent = createLogger('test', process.env.TEST_LOG ?? 'silent');
export const address = (brokers = testBrokers()) => ({ brokers, clientId: 'test', logger: silent });

export type Handle = (batch: readonly Consumed<FeedbackReceived>[], context: BatchContext) => Promise<void>;

export interface Stage {
  readonly app: string;
  readonly topic: string;
  readonly brokers: string[];
}

/** An app's name with its own topic and quarantine. */
export async function aStage(
  options: { partitions?: number; brokers?: string[]; dead?: boolean } = {},
): Promise<Stage> {
  const app = uniqueName('app');
  const topic = `${app}.feedback`;
  const brokers = options.brokers ?? testBrokers();
  const dead = { name: topics.dead(app), partitions: 3, config: {} };
  const own = { name: topic, partitions: options.partitions ?? 3, config: {} };
  await ensureTopics(address(brokers), options.dead === false ? [own] : [own, dead], { replication: 1 });
  return { app, topic, brokers };
}

export interface ConsumingApp {
  readonly nest: INestMicroservice;
  readonly publisher: Publisher;
  readonly health: Health;
  close(): Promise<void>;
}

/** A Nest microservice with one handler, as an app would have it. */
export async function startConsuming(
  stage: Stage,
  handle: Handle,
  options: Partial<BatchConsumerOptions> = {},
): Promise<ConsumingApp> {
  @Controller()
  class FeedbackHandler {
    @BatchHandler({ topic: stage.topic, contract: contracts.feedbackReceived })
    async handle(batch: readonly Consumed<FeedbackReceived>[], context: BatchContext): Promise<void> {
      await handle(batch, context);
    }
  }
  @Module({ controllers: [FeedbackHandler] })
  class AppModule {}
  const publisher = new Publisher(address(options.brokers === undefined ? stage.brokers : [...options.brokers]));
  await publisher.start();
  const health = new Health();
  const strategy = new BatchConsumer({ ...stage, publisher, health, logger: silent, ...options });
  const nest = await NestFactory.createMicroservice(AppModule, { strategy, logger: false });
  try {
    await nest.listen();
  } catch (error) {
    await publisher.close();
    throw error;
  }
  return {
    nest,
    publisher,
    health,
    close: async () => {
      await nest.close();
      await publisher.close();
    },
  };
}

export const settleAll: Handle = (batch, context) => context.settle(batch.map(() => ok));

/** The dead letters of an app, each id once, as their readers count them. */
export async function deadLetters(stage: Stage): Promise<DeadLetter[]> {
  const letters = new Map<string, DeadLetter>();
  await readTopic(address(stage.brokers), {
    topic: topics.dead(stage.app),
    onRecord: ({ headers, bytes }) => {
      const letter = decode(contracts.deadLetter, { headers, value: bytes });
      if (!letter.ok) throw new Error(letter.detail);
      letters.set(letter.id, letter.data);
    },
  });
  return [...letters.values()];
}

export async function allRecords(stage: Pick<Stage, 'brokers'>, topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  await readTopic(address(stage.brokers), { topic, onRecord: (record) => void records.push(record) });
  return records;
}
