import { setTimeout as delay } from 'node:timers/promises';
import type { Observed } from './observed.js';
import { waitUntil } from './wait-until.js';

/** How long events take from the log to a ticket, as seen by looking every 50 ms. */
export class StoredWatch {
  /** Milliseconds, one for each stored event. */
  readonly delays: number[] = [];
  private readonly waiting = new Map<string, number>();
  private looking = false;

  constructor(private readonly world: Observed) {}

  /** Call right before an event is sent. */
  sent(id: string): void {
    this.waiting.set(id, performance.now());
    if (!this.looking) void this.look();
  }

  /** Milliseconds until everything is stored. */
  async allStored(): Promise<number> {
    return waitUntil('every event on a ticket', () => this.waiting.size === 0, { timeoutMs: 120_000 });
  }

  private async look(): Promise<void> {
    this.looking = true;
    while (this.waiting.size > 0) {
      const found = await this.world.sql<{ id: string }>(
        'select id from ticketing.messages where id = any($1::uuid[])',
        [[...this.waiting.keys()]],
      );
      for (const { id } of found) {
        this.delays.push(performance.now() - (this.waiting.get(id) ?? NaN));
        this.waiting.delete(id);
      }
      await delay(50);
    }
    this.looking = false;
  }
}
