import { setTimeout as delay } from 'node:timers/promises';
import type { Owed } from './invariants.js';

/** Customers who write all the time. */
export abstract class Flow {
  /** Answers of the entrances that give any, by status; `0` where none came. */
  abstract get answers(): ReadonlyMap<number, number>;

  /** What was promised so far. */
  abstract get owed(): Owed;

  /** Nothing more begins; resolves once all that was begun has ended. */
  abstract stop(): Promise<void>;

  /** Lets it flow for a while around `fault`, so that there is traffic before, in and after it. */
  async around(
    fault: () => Promise<void>,
    { beforeMs = 3_000, afterMs = 3_000 }: { readonly beforeMs?: number; readonly afterMs?: number } = {},
  ): Promise<Owed> {
    try {
      await delay(beforeMs);
      await fault();
      await delay(afterMs);
    } finally {
      await this.stop();
    }
    return this.owed;
  }
}
