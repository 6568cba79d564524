import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { topics } from '#contracts';
import { LOGGER } from '#http';
import { Publisher, TopicCheck } from '#kafka';
import { Health, type Logger } from '#observability';
import { Database } from '#postgres';
import { quarantineTopics } from './consume/quarantine.handlers.js';
import { Upkeep } from './upkeep.js';
import { SETTINGS, type Settings } from './env.js';

/** Starts what runs beside the consumers and stops it after them: Nest closes consumers before its last hook. */
@Injectable()
export class Lifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #topics: TopicCheck;

  constructor(
    @Inject(SETTINGS) settings: Settings,
    @Inject(LOGGER) logger: Logger,
    private readonly publisher: Publisher,
    private readonly health: Health,
    private readonly database: Database,
    private readonly upkeep: Upkeep,
  ) {
    const address = { brokers: settings.KAFKA_BROKERS, clientId: `reporting-${settings.INSTANCE}`, logger };
    this.#topics = new TopicCheck(address, [
      topics.feedbackReceived,
      topics.ticketChanged,
      topics.ledger,
      ...quarantineTopics,
    ]);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.upkeep.start();
    this.health.addCheck('database', () => this.database.ping());
    await this.publisher.start();
    void this.#topics.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.upkeep.stop();
    this.#topics.stop();
    await this.publisher.close();
  }
}
