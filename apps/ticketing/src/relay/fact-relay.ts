import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { WireMessage } from '#contracts';
import type { Logger } from '#observability';
import { LOGGER } from '#http';
import { Publisher } from '#kafka';
import { Database, OutboxRelay } from '#postgres';
import { unpackFromOutbox } from '../store/outbox-pack.js';
import { OutboxWaker } from '../store/outbox-waker.js';

/** Injection token of this replica's name. */
export const INSTANCE = 'INSTANCE';

const sliceSize = 500;

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
      publish: (rows) => publishInSlices(publisher, unpackFromOutbox(rows)),
      lease: { holder: instance },
      // Rows may hold 250 messages each.
      batchSize: 20,
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

/** One after the other, so that nothing overtakes within a key; the size is the publisher's own limit of a batch. */
async function publishInSlices(publisher: Publisher, messages: readonly WireMessage[]): Promise<void> {
  for (let start = 0; start < messages.length; start += sliceSize) {
    await publisher.publish(messages.slice(start, start + sliceSize));
  }
}
