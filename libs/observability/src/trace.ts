import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** The work that is going on: W3C trace context and the id by which a person follows it through the logs. */
export interface Trace {
  readonly traceId: string;
  readonly spanId: string;
  readonly correlationId: string;
}

const storage = new AsyncLocalStorage<Trace>();
const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
const correlation = /^[A-Za-z0-9._-]{1,64}$/;

/** 32 digits. Node draws its UUIDs from a pool; asking the system for bytes at each request took longer than all the rest. */
const randomHex = () => randomUUID().replaceAll('-', '');

/** Makes a trace out of what came along; what is malformed is replaced, since anybody may send it. */
export function startTrace(parent: string | undefined, correlationId: string | undefined): Trace {
  const traceId = traceparent.exec(parent ?? '')?.[1] ?? randomHex();
  const wanted = correlationId !== undefined && correlation.test(correlationId) ? correlationId : traceId;
  return { traceId, spanId: randomHex().slice(-16), correlationId: wanted };
}

/** Runs `work` within a trace; everything it awaits sees it. */
export function runWithTrace<Result>(
  parent: string | undefined,
  correlationId: string | undefined,
  work: () => Result,
): Result {
  return storage.run(startTrace(parent, correlationId), work);
}

export function currentTrace(): Trace | undefined {
  return storage.getStore();
}

/** Headers for outgoing messages and requests; empty outside of a trace. */
export function traceHeaders(): Record<string, string> {
  const trace = storage.getStore();
  return trace === undefined
    ? {}
    : { traceparent: `00-${trace.traceId}-${trace.spanId}-01`, correlationid: trace.correlationId };
}
