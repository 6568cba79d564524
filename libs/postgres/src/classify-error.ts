// `instanceof` would miss the errors of Node itself where code runs in a realm of its own (test runners).
import { isNativeError } from 'node:util/types';

/**
 * What a failure of the database means for the work that met it (docs/architecture.md, "Rules of failure"):
 * - `transient`: the same work succeeds later; back off, never quarantine;
 * - `race`: another transaction was faster; retry with a fresh load, a few times;
 * - `permanent`: the data itself is refused; quarantine;
 * - `unknown`: none of these; bisect.
 */
export type DatabaseErrorClass = 'transient' | 'race' | 'permanent' | 'unknown';

const raceCodes = new Set(['23505', '23503', '23P01']);
const permanentCodes = new Set(['23502', '23514']);

/**
 * Classes (first two characters) that speak of the server, the connection or the deployment, never of the row at hand.
 * 28, 3D and 3F: the role, database or schema is not provisioned (yet): no event is to blame for that.
 */
const transientClasses = new Set(['08', '28', '3D', '3F', '40', '53', '58']);
const transientCodes = new Set([
  '55P03', // lock_not_available: lock_timeout ran out
  '57014', // query_canceled: statement_timeout or an operator
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P04', // database_dropped
  '57P05', // idle_session_timeout
  '25P03', // idle_in_transaction_session_timeout: the process was frozen in mid-transaction
  '25P04', // transaction_timeout
  '25006', // read_only_sql_transaction: connected to a standby during a failover
  '26000', // invalid_sql_statement_name: the session lost its prepared statements
  '42P01', // undefined_table, undefined_column, undefined_function, insufficient_privilege: the migrations have not run yet
  '42703',
  '42883',
  '42501',
]);

const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTDOWN',
]);

/** pg reports these without a code. */
const driverMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client (was closed|has encountered a connection error)|Cannot use a pool after calling end|The server does not support SSL)/;

const sqlState = /^[0-9A-Z]{5}$/;

function classifyCode(code: string): DatabaseErrorClass | undefined {
  if (socketCodes.has(code)) return 'transient';
  if (!sqlState.test(code)) return undefined;
  if (raceCodes.has(code)) return 'race';
  if (permanentCodes.has(code) || code.startsWith('22')) return 'permanent';
  if (transientCodes.has(code) || transientClasses.has(code.slice(0, 2))) return 'transient';
  return 'unknown';
}

/** The error and all that it wraps: TypeORM's `driverError`, `cause`, and those of an AggregateError (two addresses of localhost). */
function chainOf(error: unknown): Error[] {
  const chain = new Set<unknown>([error]);
  for (const link of chain) {
    if (!isNativeError(link)) continue;
    const { driverError, errors } = link as Error & { driverError?: unknown; errors?: unknown };
    for (const wrapped of [driverError, link.cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])]) {
      if (chain.size < 20) chain.add(wrapped);
    }
  }
  return [...chain].filter(isNativeError);
}

/** The first SQLSTATE or socket code found on the error or on what it wraps. */
export function databaseErrorCode(error: unknown): string | undefined {
  const codes = chainOf(error).map((link) => (link as Error & { code?: unknown }).code);
  return codes.find((code): code is string => typeof code === 'string' && classifyCode(code) !== undefined);
}

/**
 * A cached plan of this session no longer fits the tables (a migration ran beside us), or the session lost it:
 * the same statement works on a new connection, and never again on this one.
 */
export function isStaleStatement(error: unknown): boolean {
  const code = databaseErrorCode(error);
  return (
    code === '26000' ||
    (code === '0A000' && chainOf(error).some(({ message }) => message.includes('cached plan must not change')))
  );
}

/** Classes any thrown value; what did not come from the database is `unknown`. */
export function classifyDatabaseError(error: unknown): DatabaseErrorClass {
  if (isStaleStatement(error)) return 'transient';
  const code = databaseErrorCode(error);
  if (code !== undefined) return classifyCode(code) ?? 'unknown';
  return chainOf(error).some(({ message }) => driverMessages.test(message)) ? 'transient' : 'unknown';
}
