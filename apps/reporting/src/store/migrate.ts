import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#observability';
import { classifyDatabaseError, runMigrations } from '#postgres';
import { migrations } from './migrations/migrations.js';

const retryMs = 1_000;

/** Brings the schema up to date; while the database is away it waits, so that a process started without one stays up. */
export async function migrate(url: string, logger: Logger, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await runMigrations({ url, schema: 'reporting', migrations, logger });
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (classifyDatabaseError(error) !== 'transient') throw error;
      logger.warn({ err: error }, 'migrations wait for the database');
    }
    await delay(retryMs);
    if (signal.aborted) return;
  }
}
