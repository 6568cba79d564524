import { type Contract, type Decoded, decode } from '#contracts';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { Outcome } from './outcome.js';

/** A record as it lies on the log. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** Milliseconds since 1970, as the writer stamped it. */
  readonly timestamp: number;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer | null;
}

/** A record that its contract has accepted. */
export interface Consumed<Data> extends LogRecord {
  /** `ce_id`: the same event has the same id however often it is delivered. */
  readonly id: string;
  readonly data: Data;
}

/** What a handler may ask of the runner while it works on a batch. */
export interface BatchContext {
  /**
   * To be called once per attempt, inside the handler's transaction, immediately before it commits, with one outcome per event in
   * order. Publishes the dead letters and waits for their acknowledgement.
   * @throws when a dead letter cannot be written or an outcome is `retry`: let it roll the transaction back.
   */
  settle(outcomes: readonly Outcome[]): Promise<void>;
  /** Only needed by handlers that loop for long: the runner sends heartbeats beside the handler anyway. */
  heartbeat(): Promise<void>;
  /** True once the group is handing the partitions out anew: whoever can leave off without loss should. */
  readonly rebalancing: boolean;
}

export type BatchMethod<Data> = (batch: readonly Consumed<Data>[], context: BatchContext) => Promise<void>;

export type Decode<Data> = (record: Pick<LogRecord, 'headers'> & { readonly value: Buffer | null }) => Decoded<Data>;

/** What the runner needs to know of a handler, carried in the extras of Nest's event pattern. */
export interface BatchHandlerSpec<Data = unknown> {
  readonly topic: string;
  readonly decode: Decode<Data>;
}

const failures = new WeakMap<BatchContext, { readonly error: unknown }>();

/** What the handler threw, if it did. Nest's exception layer would replace it by a generic answer, and its class decides what happens. */
export function failureOf(context: BatchContext): { readonly error: unknown } | undefined {
  return failures.get(context);
}

/** Contexts whose handlers run under the runner; a handler called by a test throws as usual. */
export const supervised = new WeakSet<BatchContext>();

/**
 * Marks a controller's method as the one handler of a topic: `@BatchHandler(contracts.feedbackReceived)` where the topic is named
 * as its contract, else `@BatchHandler({ topic, contract })`, or `{ topic, decode }` for values that are not CloudEvents.
 */
export function BatchHandler<Data>(
  of:
    | Contract<Data>
    | { readonly topic: string; readonly contract: Contract<Data> }
    | { readonly topic: string; readonly decode: Decode<Data> },
) {
  const spec = specOf(of);
  return (
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<BatchMethod<Data>>,
  ): TypedPropertyDescriptor<BatchMethod<Data>> => {
    const method = descriptor.value;
    if (method === undefined) throw new TypeError(`@BatchHandler needs a method, ${String(key)} is none`);
    descriptor.value = async function (this: unknown, batch, context) {
      try {
        await method.call(this, batch, context);
      } catch (error) {
        if (!supervised.has(context)) throw error;
        failures.set(context, { error });
      }
    };
    // Without these Nest hands over the batch alone.
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
    EventPattern(spec.topic, { batchHandler: spec })(target, key, descriptor as PropertyDescriptor);
    return descriptor;
  };
}

function specOf<Data>(of: Parameters<typeof BatchHandler<Data>>[0]): BatchHandlerSpec<Data> {
  if ('decode' in of) return of;
  const [topic, contract] = 'contract' in of ? [of.topic, of.contract] : [of.type, of];
  return { topic, decode: (record) => decode(contract, record) };
}
