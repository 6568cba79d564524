import { createRequire } from 'node:module';
import net from 'node:net';
import type { Logger } from '#observability';
import { Kafka, type LogEntry, logLevel, type RetryOptions } from 'kafkajs';

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

// kafkajs 2.2.4 arms a timer after each answer, with a negative delay when there is nothing to check: Node warns of it.
const { prototype: requestQueue } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as {
  prototype: RequestQueue;
};
const scheduleCheck = requestQueue.scheduleCheckPendingRequests;
requestQueue.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0 || this.throttledUntil > Date.now()) scheduleCheck.call(this);
};

export interface KafkaAddress {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly logger: Logger;
}

export interface ClientOptions extends KafkaAddress {
  /** Milliseconds until an unanswered request counts as failed. */
  readonly requestTimeoutMs: number;
  readonly retry: RetryOptions;
}

/** A client with its sockets in sight: kafkajs waits for the answers of a half-open connection before it lets go of it. */
export interface Client {
  readonly kafka: Kafka;
  /** Cuts every connection at once and for good; what was in flight fails as a lost connection. */
  cut(reason: string): void;
}

export function createClient({ brokers, clientId, logger, requestTimeoutMs, retry }: ClientOptions): Client {
  const sockets = new Set<net.Socket>();
  let cutFor: Error | undefined;
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: Math.min(3_000, requestTimeoutMs),
    retry,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => writeLog(logger, entry),
    socketFactory: ({ host, port, onConnect }) => {
      const socket = net.connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 });
      socket.once('connect', onConnect);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      if (cutFor !== undefined) socket.destroy(cutFor);
      return socket;
    },
  });
  return {
    kafka,
    cut: (reason) => {
      cutFor = new Error(reason);
      for (const socket of sockets) socket.destroy(cutFor);
    },
  };
}

/** kafkajs calls every refused connection an error; here an outage is expected and what it means is judged by the caller. */
function writeLog(logger: Logger, { namespace, level, log }: LogEntry): void {
  const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...rest } = log;
  const write = level <= logLevel.WARN ? logger.debug.bind(logger) : logger.trace.bind(logger);
  write({ namespace, ...rest }, `kafkajs: ${message}`);
}

/** The broker's error code (e.g. `MESSAGE_TOO_LARGE`) behind what kafkajs threw, however deep it lies. */
export function brokerErrorType(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth++) {
    if ('type' in at && typeof at.type === 'string') return at.type;
  }
  return undefined;
}

export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
