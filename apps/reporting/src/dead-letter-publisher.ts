import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Publisher } from '#kafka';

/** Runs the publisher of dead letters as long as the consumers, which Nest closes before the last hook. */
@Injectable()
export class DeadLetterPublisher implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly publisher: Publisher) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.publisher.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.publisher.close();
  }
}
