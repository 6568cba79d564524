import { types } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { currentTrace } from './trace.js';

export type { Logger } from 'pino';

/** Keys whose values never reach a log, at the top and one level down. */
const secretKeys = [
  'password',
  'passwordHash',
  'secret',
  'token',
  'accessToken',
  'refreshToken',
  'authorization',
  'cookie',
  'credentials',
  'email',
  'phone',
  'text',
  'html',
  'subject',
  'body',
  'value',
];

/**
 * An error as it may be logged. Drivers hang the statement, its parameters and the offending row on their errors: customers' data,
 * so only what is named here passes.
 */
function describeError(error: unknown): unknown {
  if (!types.isNativeError(error)) return error;
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? String(error.code) : undefined;
  return {
    type: name,
    ...(code === undefined ? {} : { code }),
    message: message.slice(0, 500),
    stack,
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}

/**
 * The logger of a process: one JSON line an entry on standard output, with the correlation id and trace of the current work.
 * @param name the app's name.
 */
export function createLogger(name: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
    serializers: { err: describeError },
    mixin: () => {
      const trace = currentTrace();
      return trace === undefined ? {} : { correlationId: trace.correlationId, traceId: trace.traceId };
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Nest's own messages through our logger. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }
  error(message: unknown, stack?: string, context?: string): void {
    this.logger.error({ context, stack }, String(message));
  }
  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, String(message));
  }
  debug(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }
  verbose(message: unknown, context?: string): void {
    this.logger.trace({ context }, String(message));
  }
}
