import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#observability';
import { classifyDatabaseError, runMigrations } from '#postgres';
import { migrations } from './migrations.js';

const retryMs = 1_000;

/**
 * Runs the migrations as soon as the database answers. Until then mailboxes, relay and replies meet missing tables, which they
 * treat like an absent database. Rejects where waiting cannot help.
 */
export async function migrateWhenReachable(url: string, schema: string, logger: Logger): Promise<void> {
  for (;;) {
    try {
      await runMigrations({ url, schema, migrations, logger });
      return;
    } catch (error) {
      if (classifyDatabaseError(error) !== 'transient') throw error;
      logger.warn({ err: error }, 'migrations wait for the database');
      await delay(retryMs);
    }
  }
}
