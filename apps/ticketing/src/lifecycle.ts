import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { topicDefinitions } from '#contracts';
import { LOGGER } from '#http';
import { Publisher, TopicCheck } from '#kafka';
import { Health, type Logger } from '#observability';
import { Database } from '#postgres';
import { SETTINGS, type Settings } from './env.js';

/** Ready while the database answers: trouble with the broker is a matter of lag and alerts. The publisher is closed last. */
@Injectable()
export class Lifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly topics: TopicCheck;

  constructor(
    private readonly publisher: Publisher,
    private readonly database: Database,
    private readonly health: Health,
    @Inject(SETTINGS) settings: Settings,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.topics = new TopicCheck(
      { brokers: settings.KAFKA_BROKERS, clientId: `ticketing-${settings.INSTANCE}`, logger },
      topicDefinitions(['ticketing']).map(({ name }) => name),
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    this.health.addCheck('database', () => this.database.ping());
    await this.publisher.start();
    void this.topics.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.topics.stop();
    await this.publisher.close();
  }
}
