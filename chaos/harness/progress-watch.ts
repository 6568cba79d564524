import { setTimeout as delay } from 'node:timers/promises';
import type { Observed } from './observed.js';

const lookEveryMs = 250;

/** Looks at a number that ought to rise all the time, and remembers the longest while in which it did not. */
export class ProgressWatch {
  private longestMs = 0;
  private running = true;
  private readonly looking: Promise<void>;

  /** @param question SQL that answers one row with `count`. */
  constructor(
    private readonly world: Observed,
    private readonly question: string,
  ) {
    this.looking = this.look();
  }

  /** Seconds of the longest standstill, the one that still lasts included. */
  async stop(): Promise<number> {
    this.running = false;
    await this.looking;
    return this.longestMs / 1000;
  }

  private async look(): Promise<void> {
    let last = await this.count();
    for (let since = performance.now(); this.running; await delay(lookEveryMs)) {
      const count = await this.count();
      const now = performance.now();
      this.longestMs = Math.max(this.longestMs, now - since);
      if (count > last) since = now;
      last = count;
    }
  }

  private async count(): Promise<number> {
    const [row] = await this.world.sql<{ count: string }>(this.question);
    return Number(row?.count);
  }
}
