import { Rounds } from '#intake';
import type { IdempotencyRepository } from './idempotency.repository.js';

const everyMs = 10 * 60_000;

/** Forgets idempotency keys whose time is over. */
export class KeyExpiry extends Rounds {
  constructor(private readonly keys: IdempotencyRepository) {
    super(everyMs);
  }

  protected override async run(): Promise<void> {
    await this.keys.removeExpired();
  }
}
