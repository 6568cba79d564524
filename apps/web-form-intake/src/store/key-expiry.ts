import type { Background } from '#intake';
import type { IdempotencyRepository } from './idempotency.repository.js';

const everyMs = 10 * 60_000;

/** Forgets idempotency keys whose time is over. */
export class KeyExpiry implements Background {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly keys: IdempotencyRepository) {}

  start(): void {
    this.timer = setInterval(() => void this.keys.removeExpired(), everyMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
  }
}
