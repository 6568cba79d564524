import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Intake } from '#intake';
import type { Publisher } from '#kafka';
import type { Health } from '#observability';
import type { OutboxRelay } from '#postgres';

interface Running {
  readonly intake: Intake;
  readonly publisher: Publisher;
  readonly relay: OutboxRelay;
  /** What looks after something now and then, and may publish when it stops. */
  readonly besides: readonly { start(): void; stop(): Promise<void> }[];
  readonly health: Health;
}

/** Starts what runs beside the requests, and stops it in the order in which one needs the other. */
export class Lifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(private readonly running: Running) {}

  async onApplicationBootstrap(): Promise<void> {
    const { intake, publisher, relay, besides, health } = this.running;
    intake.watchHealth(health);
    await publisher.start();
    intake.start();
    relay.start();
    for (const one of besides) one.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    const { intake, publisher, relay, besides } = this.running;
    await Promise.all(besides.map((one) => one.stop()));
    await Promise.all([intake.stop(), relay.stop()]);
    await publisher.close();
  }
}
