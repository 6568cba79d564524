import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from '#observability';
import { LOGGER } from '#http';
import { Publisher } from '#kafka';
import { Database, OutboxRelay } from '#postgres';
import { OutboxWaker } from '../store/outbox-waker.js';

/** Injection token of this replica's name. */
export const INSTANCE = 'INSTANCE';

/** Outbox → Kafka after the commit: facts and requested replies, one batch in flight, at least once. */
@Injectable()
export class FactRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly relay: OutboxRelay;

  constructor(
    database: Database,
    publisher: Publisher,
    private readonly waker: OutboxWaker,
    @Inject(LOGGER) logger: Logger,
    @Inject(INSTANCE) instance: string,
  ) {
    this.relay = new OutboxRelay({
      database,
      publish: (messages) => publisher.publish(messages),
      lease: { holder: instance },
      logger,
    });
  }

  onApplicationBootstrap(): void {
    this.waker.bind(() => this.relay.wake());
    this.relay.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.relay.stop();
  }
}
