import type { BeforeApplicationShutdown, OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Publisher } from '#kafka';
import type { Health } from '#observability';
import type { Intake } from './intake.js';

/** What runs beside the requests: a relay, a clock. */
export interface Background {
  start(): void;
  stop(): Promise<void>;
  /** The process ends well: no input can come any more, and all are in the ledger. Never rejects. */
  finish?(): Promise<void>;
}

interface LifecycleParts {
  readonly publisher: Publisher;
  readonly intake: Intake;
  readonly health: Health;
  /** Started after the intake, stopped before it. */
  readonly besides: readonly Background[];
}

/** The one order in which an intake starts and stops: the publisher is there before the first event and until the last request is answered. */
export class IntakeLifecycle implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(private readonly parts: LifecycleParts) {}

  async onModuleInit(): Promise<void> {
    const { publisher, intake, health, besides } = this.parts;
    intake.watchHealth(health);
    await publisher.start();
    intake.start();
    for (const one of besides) one.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.parts.besides.map((one) => one.stop()));
    await this.parts.intake.stop();
  }

  /** Nest has closed the HTTP server and the consumers by now. */
  async onApplicationShutdown(): Promise<void> {
    const isComplete = await this.parts.intake.finish();
    if (isComplete) for (const one of this.parts.besides) await one.finish?.();
    await this.parts.publisher.close();
  }
}
