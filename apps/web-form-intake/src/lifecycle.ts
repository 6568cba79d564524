import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Intake } from '#intake';
import type { Publisher } from '#kafka';
import type { Health } from '#observability';
import type { IdempotencyRepository } from './store/idempotency.repository.js';

const expireEveryMs = 10 * 60_000;

/** Starts what runs beside the requests, and stops it in the order in which one needs the other. */
export class Lifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private expiry: NodeJS.Timeout | undefined;

  constructor(
    private readonly intake: Intake,
    private readonly publisher: Publisher,
    private readonly keys: IdempotencyRepository,
    private readonly health: Health,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.intake.watchHealth(this.health);
    await this.publisher.start();
    this.intake.start();
    this.expiry = setInterval(() => void this.keys.removeExpired(), expireEveryMs);
    this.expiry.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.expiry);
    await this.intake.stop();
    await this.publisher.close();
  }
}
