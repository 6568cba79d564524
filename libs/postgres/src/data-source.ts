import pg from 'pg';
import {
  DataSource,
  type DataSourceOptions,
  type EntitySchema,
  type Logger as OrmLogger,
  type MixedList,
} from 'typeorm';
import type { Logger } from '#observability';
import { type ConnectionSettings, createPool } from './connection-pool.js';

// TypeORM asks for classes and functions of any shape in just these two places.
type Entities = MixedList<string | EntitySchema | (abstract new (...args: never[]) => unknown)>;
type Migrations = MixedList<string | (abstract new (...args: never[]) => unknown)>;

export interface DataSourceSettings extends ConnectionSettings {
  readonly entities?: Entities;
  readonly migrations?: Migrations;
}

/**
 * TypeORM's own loggers print failed statements with their parameters: customers' words. A failure is thrown anyway, and
 * whoever handles it logs it.
 */
class QuietLogger implements OrmLogger {
  constructor(private readonly logger: Logger | undefined) {}

  logQuery(): void {}
  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(message: string): void {
    this.logger?.debug(message);
  }
  logMigration(message: string): void {
    this.logger?.info(message);
  }
  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    this.logger?.[level === 'warn' ? 'warn' : 'debug'](String(message));
  }
}

const pools = new WeakMap<DataSource, pg.Pool>();

/**
 * What TypeORM takes for the pg module. Its pool is ours, shared with `Database`; while TypeORM initializes, the
 * connection that it only opens to see whether it can is a stand-in, so that a service starts without a database.
 */
function driverOver(pool: pg.Pool, state: { initializing: boolean }) {
  type Connected = (error: Error | undefined, client?: unknown, release?: (error?: Error) => void) => void;
  class SharedPool {
    connect(done: Connected): void {
      if (state.initializing) done(undefined, { on: () => undefined }, () => undefined);
      else pool.connect(done);
    }
    on(): this {
      return this;
    }
    end(done: (error?: Error) => void): void {
      done();
    }
  }
  return { ...pg, Pool: SharedPool, native: undefined };
}

/**
 * A TypeORM data source over a pool of our own. It is initialized (entity metadata built) when the promise resolves,
 * without touching the network: repositories can be made at once, and work as soon as the database answers.
 * Close it with `closeDataSource`.
 */
export async function createDataSource(settings: DataSourceSettings): Promise<DataSource> {
  const pool = createPool(settings);
  const state = { initializing: true };
  const options: DataSourceOptions = {
    type: 'postgres',
    url: settings.url,
    schema: settings.schema,
    entities: (settings.entities ?? []) as NonNullable<DataSourceOptions['entities']>,
    migrations: (settings.migrations ?? []) as NonNullable<DataSourceOptions['migrations']>,
    migrationsTransactionMode: 'each',
    installExtensions: false,
    // gen_random_uuid() is built in; the default would want an extension.
    uuidExtension: 'pgcrypto',
    logger: new QuietLogger(settings.logger),
    driver: driverOver(pool, state),
  };
  const dataSource = new DataSource(options);
  // Known beforehand, else TypeORM would ask the server during initialize().
  Object.assign(dataSource.driver, { version: '18.0', searchSchema: settings.schema });
  await dataSource.initialize();
  state.initializing = false;
  pools.set(dataSource, pool);
  return dataSource;
}

/** The pool under a data source made by `createDataSource`. */
export function poolOf(dataSource: DataSource): pg.Pool {
  const pool = pools.get(dataSource);
  if (pool === undefined) throw new Error('this data source was not made by createDataSource');
  return pool;
}

/** Ends the data source and its pool; waits for the connections that are handed out. Safe to call twice. */
export async function closeDataSource(dataSource: DataSource): Promise<void> {
  if (dataSource.isInitialized) await dataSource.destroy();
  const pool = poolOf(dataSource);
  if (!pool.ending) await pool.end();
}
