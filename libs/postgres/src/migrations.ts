import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { Logger } from '#observability';
import { classifyDatabaseError, databaseErrorCode } from './classify-error.js';
import { closeDataSource, createDataSource, type DataSourceSettings } from './data-source.js';

export interface MigrationSettings {
  /** The service's own role: it then owns what the migrations create. */
  readonly url: string;
  readonly schema: string;
  readonly migrations: NonNullable<DataSourceSettings['migrations']>;
  readonly logger?: Logger;
}

const lockAttempts = 10;
const retryMs = 1_000;

/**
 * Runs the pending migrations, each in its own transaction, and returns their names. Several processes may start it at
 * once: an advisory lock lets one work while the others wait and then find nothing to do. A migration that waits more than
 * 5 s for a table lock steps back (so that it never holds up live traffic behind it) and is tried again, ten times.
 */
export async function runMigrations(settings: MigrationSettings): Promise<string[]> {
  const { url, schema, migrations, logger } = settings;
  const guard = new pg.Client({
    connectionString: url,
    application_name: `${schema}-migrations`,
    connectionTimeoutMillis: 3_000,
  });
  await guard.connect();
  try {
    await guard.query('select pg_advisory_lock(hashtextextended($1, 0))', [`phanhoi:migrations:${schema}`]);
    const dataSource = await createDataSource({
      url,
      schema,
      migrations,
      applicationName: `${schema}-migrations`,
      poolSize: 2,
      statementTimeoutMs: 0,
      ...(logger === undefined ? {} : { logger }),
    });
    try {
      return await runPending(dataSource, logger);
    } finally {
      await closeDataSource(dataSource);
    }
  } finally {
    await guard.end();
  }
}

/**
 * Runs the migrations before a service starts its work. Where the database cannot be reached the service starts all the same, and they
 * are run as soon as it answers; until then its loops meet missing tables, which they treat like an absent database.
 * Rejects where waiting cannot help; later, in the background, that ends the process as an unhandled rejection.
 */
export async function migrateAtStart(settings: MigrationSettings & { readonly logger: Logger }): Promise<void> {
  const isDone = async () => {
    try {
      await runMigrations(settings);
      return true;
    } catch (error) {
      if (classifyDatabaseError(error) !== 'transient') throw error;
      settings.logger.warn({ err: error }, 'migrations wait for the database');
      return false;
    }
  };
  const keepTrying = async () => {
    do await delay(retryMs, undefined, { ref: false });
    while (!(await isDone()));
  };
  if (!(await isDone())) void keepTrying();
}

async function runPending(dataSource: DataSource, logger: Logger | undefined): Promise<string[]> {
  const before = await executedMigrations(dataSource);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await dataSource.runMigrations({ transaction: 'each' });
      const executed = await executedMigrations(dataSource);
      const names = executed.filter((name) => !before.includes(name));
      if (names.length > 0) logger?.info({ migrations: names }, 'migrations executed');
      return names;
    } catch (error) {
      if (databaseErrorCode(error) !== '55P03' || attempt === lockAttempts) throw error;
      logger?.warn({ attempt }, 'a table is in use, the migration waits');
      await delay(500 * attempt);
    }
  }
}

async function executedMigrations(dataSource: DataSource): Promise<string[]> {
  const schema = pg.escapeIdentifier((dataSource.options as { schema?: string }).schema ?? 'public');
  const [table] = await dataSource.query<{ name: string | null }[]>('select to_regclass($1) as name', [
    `${schema}.migrations`,
  ]);
  if (table?.name == null) return [];
  const rows = await dataSource.query<{ name: string }[]>(`select name from ${schema}.migrations order by id`);
  return rows.map((row) => row.name);
}

/**
 * What TypeORM would have to change so that the migrated database fits the entities of this data source: empty when the
 * migrations are complete. Tables without an entity are not looked at. An index that an entity cannot express (partial
 * with an expression, trigram) is declared there with `synchronize: false`.
 */
export async function migrationDrift(dataSource: DataSource): Promise<string[]> {
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
}
