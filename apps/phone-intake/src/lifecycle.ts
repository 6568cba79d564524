import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { Intake } from '#intake';
import { Publisher } from '#kafka';
import { Health } from '#observability';
import { OutboxRelay } from '#postgres';

/** Starts what runs in the background, and stops it in the order in which nothing is cut off: relays, then the publisher. */
@Injectable()
export class Lifecycle implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(Publisher) private readonly publisher: Publisher,
    @Inject(Intake) private readonly intake: Intake,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(Health) private readonly health: Health,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.publisher.start();
    this.intake.watchHealth(this.health);
    this.intake.start();
    this.relay.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.intake.stop(), this.relay.stop()]);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.publisher.close();
  }
}
