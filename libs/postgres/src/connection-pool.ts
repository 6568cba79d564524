import pg from 'pg';
import type { Logger } from '#observability';

export interface ConnectionSettings {
  /** `postgres://role:password@host:port/database` */
  readonly url: string;
  /** The service's own schema; it becomes the search path, with `extensions` behind it. */
  readonly schema: string;
  readonly applicationName: string;
  /** Connections at most; default 10. */
  readonly poolSize?: number;
  /** Milliseconds that a statement may run; default 30 000. 0: no limit (migrations, rebuilds). */
  readonly statementTimeoutMs?: number;
  readonly logger?: Logger;
}

const connectTimeoutMs = 3_000;
/** By how much the client waits longer than the server: only a dead connection gets that far. */
const silenceMs = 5_000;

/**
 * A statement that got no answer at all means a half-open connection. pg rejects it but keeps the socket, and the pool
 * would hand the same dead connection out again: so it is destroyed, whoever ran the statement.
 */
class WatchedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    const watched = (...args: unknown[]): unknown => {
      const result = query(...args);
      if (!(result instanceof Promise)) return result;
      return result.catch((error: unknown) => {
        if ((error as Error).message === 'Query read timeout') this.connection.stream.destroy();
        throw error;
      });
    };
    this.query = watched as pg.Client['query'];
  }
}

/** A pool that connects when first used and outlives any outage: no error of a connection ever reaches the process. */
export function createPool(settings: ConnectionSettings): pg.Pool {
  const { logger, statementTimeoutMs = 30_000 } = settings;
  const pool = new pg.Pool({
    connectionString: settings.url,
    application_name: settings.applicationName,
    max: settings.poolSize ?? 10,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 10_000,
    ...(statementTimeoutMs > 0
      ? { statement_timeout: statementTimeoutMs, query_timeout: statementTimeoutMs + silenceMs }
      : {}),
    options: `-c search_path=${settings.schema},extensions -c timezone=UTC`,
    Client: WatchedClient,
  });
  const report = (error: Error) => logger?.warn({ err: error }, 'database connection lost');
  pool.on('error', report);
  // The pool listens to idle connections only; one that dies while it is handed out would end the process.
  pool.on('connect', (client) => client.on('error', report));
  return pool;
}
