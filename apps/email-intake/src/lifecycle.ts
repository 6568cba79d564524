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
import { MailParser } from './source/parse/mail-parser.js';

/** Starts what runs in the background, and stops it in the order in which nothing is cut off: readers, then relays, then the publisher. */
@Injectable()
export class Lifecycle implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(Publisher) private readonly publisher: Publisher,
    @Inject(Intake) private readonly intake: Intake,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(MailParser) private readonly parser: MailParser,
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
    await this.parser.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.publisher.close();
  }
}
