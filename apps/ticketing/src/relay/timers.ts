import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { LOGGER } from '#http';
import type { Logger } from '#observability';
import { ClosingStore } from '../store/closing.store.js';
import { SearchProjectionStore } from '../store/search-projection.store.js';
import { Timer } from './timer.js';

/** What happens by itself: resolved tickets close after 7 days, and text becomes searchable behind the consuming path. */
@Injectable()
export class Timers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly timers: readonly Timer[];

  constructor(closing: ClosingStore, search: SearchProjectionStore, @Inject(LOGGER) logger: Logger) {
    this.timers = [
      new Timer({ name: 'closing', everyMs: 60_000, logger, turn: async () => (await closing.closeDue()) > 0 }),
      // A search index costs more than the rows that it finds: through a backlog of mail it takes a quarter of one connection.
      new Timer({ name: 'search', everyMs: 250, rest: 3, logger, turn: async () => (await search.project()) > 0 }),
    ];
  }

  onApplicationBootstrap(): void {
    for (const timer of this.timers) timer.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.timers.map((timer) => timer.stop()));
  }
}
