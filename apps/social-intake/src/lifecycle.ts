import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Intake } from '#intake';
import type { Publisher } from '#kafka';
import type { Health } from '#observability';
import type { UpdateLedger } from './update-ledger.js';

/** Starts what runs beside the requests, and stops it in the order in which one needs the other. */
export class Lifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly intake: Intake,
    private readonly publisher: Publisher,
    private readonly updates: UpdateLedger,
    private readonly health: Health,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.intake.watchHealth(this.health);
    await this.publisher.start();
    this.intake.start();
    this.updates.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.updates.stop();
    await this.intake.stop();
    await this.publisher.close();
  }
}
