import { setTimeout as sleep } from 'node:timers/promises';
import type { WireMessage } from '#contracts';
import { brokerErrorType, describeError, type KafkaAddress } from './client.js';
import { DeadlineWatch } from './deadline-watch.js';
import { ProducerLink, toTopicMessages } from './producer-link.js';
import { PublishError } from './publish-error.js';
import { publishMetrics } from './publish-metrics.js';
import { batchLimits, type Entry, PublishGroup, PublishQueue, sizeOf } from './publish-queue.js';

export interface PublisherOptions extends KafkaAddress {
  /** Milliseconds until an unanswered produce request counts as lost and is sent again; default 5,000. */
  readonly requestTimeoutMs?: number;
  /** Messages in memory, in bytes, beyond which `publish` answers `busy`; default 64 MiB. */
  readonly maxInFlightBytes?: number;
}

const defaultDeadlineMs = 30_000;
const failuresUntilUnavailable = 3;
const probeEveryMs = 1_000;

/**
 * Publishes with `acks=all`, many callers in one request, one request in flight.
 *
 * A batch is retried unchanged until it settles or nobody waits for it any more, and nothing overtakes it. kafkajs' idempotent
 * mode stays off: it reuses sequence numbers after a failed request, so a message can be acknowledged that the broker drops as a
 * duplicate. Duplicates on the log are normal; inboxes remove them.
 */
export class Publisher {
  readonly #link: ProducerLink;
  readonly #queue = new PublishQueue((topic) => this.#partitionCounts.get(topic));
  readonly #partitionCounts = new Map<string, number>();
  readonly #missing = new Set<string>();
  readonly #maxInFlightBytes: number;
  readonly #deadlines: DeadlineWatch;
  #inFlight: readonly Entry[] = [];
  #bytes = 0;
  #failuresInRow = 0;
  #isConnected = false;
  #isPumping = false;
  #isLookingUp = false;
  #isClosing = false;
  #isClosed = false;
  #probe: NodeJS.Timeout | undefined;

  constructor(private readonly options: PublisherOptions) {
    this.#link = new ProducerLink(options, options.requestTimeoutMs ?? 5_000);
    this.#maxInFlightBytes = options.maxInFlightBytes ?? 64 * 1024 * 1024;
    this.#deadlines = new DeadlineWatch(() => this.#expire());
  }

  /** True while the broker acknowledges; false before the first connection and after three failures in a row. */
  get available(): boolean {
    return this.#isConnected && this.#failuresInRow < failuresUntilUnavailable;
  }

  /** Connects in the background and keeps trying once a second. Never rejects: a process starts without its broker. */
  async start(): Promise<void> {
    if (this.#probe !== undefined) return;
    this.#probe = setInterval(() => void this.#probeIfAway(), probeEveryMs);
    void this.#probeIfAway();
  }

  /**
   * Resolves once every message is acknowledged by all in-sync replicas. Messages of one call leave in one batch, in order.
   * @param options.deadlineMs milliseconds to wait; default 30,000.
   * @throws PublishError whose code says what the caller may conclude.
   */
  async publish(messages: readonly WireMessage[], options: { readonly deadlineMs?: number } = {}): Promise<void> {
    if (this.#isClosing) throw new PublishError('closed', 'the publisher is shutting down');
    if (messages.length === 0) return;
    const sized = messages.map((wire) => ({ wire, bytes: sizeOf(wire) }));
    const group = new PublishGroup(sized, Date.now() + (options.deadlineMs ?? defaultDeadlineMs), this.#forget);
    if (sized.some(({ bytes }) => bytes > batchLimits.bytes)) {
      throw new PublishError('too_large', `a message is larger than ${batchLimits.bytes} bytes`);
    }
    if (this.#bytes > 0 && this.#bytes + group.bytes > this.#maxInFlightBytes) {
      publishMetrics.failures.inc({ reason: 'busy' });
      throw new PublishError('busy', `${this.#bytes} bytes are in flight`);
    }
    this.#bytes += group.bytes;
    this.#queue.push(group);
    this.#deadlines.watch(group.deadline);
    if (!this.#isPumping) this.#pumpSoon();
    return group.done;
  }

  /** Waits for what is in flight, at most `flushMs` (default 5,000), rejects the rest with `closed` and disconnects. */
  async close(options: { readonly flushMs?: number } = {}): Promise<void> {
    this.#isClosing = true;
    const until = Date.now() + (options.flushMs ?? 5_000);
    while (this.#bytes > 0 && Date.now() < until) await sleep(5);
    clearInterval(this.#probe);
    this.#deadlines.stop();
    const closed = new PublishError('closed', 'the publisher shut down before the broker answered');
    const inFlight = this.#inFlight.map((entry) => entry.group);
    for (const group of [...this.#queue.inLine(), ...this.#queue.aside(), ...inFlight]) group.reject(closed);
    this.#isClosed = true;
    await this.#link.cut('closing');
  }

  #forget = (group: PublishGroup): void => {
    this.#bytes -= group.bytes;
    publishMetrics.inFlightBytes.set(this.#bytes);
  };

  /** At the end of this turn of the event loop: what its other callers bring goes along, instead of waiting for a batch of one. */
  #pumpSoon(): void {
    this.#isPumping = true;
    setImmediate(() => void this.#pump());
  }

  /** An idle producer sends at once; while a batch is in flight the next one collects. */
  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      for (let batch = this.#queue.take(); batch.length > 0; batch = this.#queue.take()) {
        this.#inFlight = batch;
        if (this.#queue.hasAside) void this.#lookUpTopics();
        const stop = publishMetrics.seconds.startTimer();
        await this.#deliver(batch);
        stop();
        this.#inFlight = [];
      }
    } finally {
      this.#inFlight = [];
      this.#isPumping = false;
    }
    void this.#lookUpTopics();
  }

  /** Returns when each entry is acknowledged, rejected, given back to the queue or no longer awaited by anybody. */
  async #deliver(entries: readonly Entry[]): Promise<void> {
    const batch = toTopicMessages(entries, Date.now());
    for (let attempt = 1; entries.some(({ group }) => !group.settled); attempt++) {
      try {
        await this.#link.send(batch);
        this.#succeeded(entries.length);
        for (const { group } of entries) group.acknowledge();
        return;
      } catch (error) {
        const type = brokerErrorType(error) ?? '';
        if (splittable.has(type)) return this.#split(entries, type, error);
        if (type === 'UNKNOWN_TOPIC_OR_PARTITION') {
          // The topics may be new generations or gone: callers of those that remain are not held up by the others.
          for (const { topic } of batch) this.#partitionCounts.delete(topic);
          this.#queue.returnToFront(entries.filter(({ group }) => !group.settled));
          publishMetrics.failures.inc({ reason: 'unknown_topic' });
          return;
        }
        // The broker that answered with an error of its own is still there; a silent or closed connection is not to be trusted.
        if (type === '') void this.#link.cut('a batch failed');
        this.#failed('batch', error);
        if (!this.#isClosing) await sleep(backoffMs(attempt));
      }
    }
  }

  /** Halves what the broker refuses until the one message is found; order within a partition is kept. */
  async #split(entries: readonly Entry[], type: string, cause: unknown): Promise<void> {
    const [first] = entries;
    if (first === undefined) return;
    if (entries.length === 1) {
      const code = tooLarge.has(type) ? 'too_large' : 'refused';
      publishMetrics.failures.inc({ reason: code });
      first.group.reject(
        new PublishError(code, `${first.wire.topic} refused ${first.bytes} bytes: ${type}`, { cause }),
      );
      return;
    }
    const middle = entries.length >> 1;
    await this.#deliver(entries.slice(0, middle));
    await this.#deliver(entries.slice(middle));
  }

  /** Asks for the partition counts of topics that are waited for, and again each second while one is missing. One loop at a time. */
  async #lookUpTopics(): Promise<void> {
    if (this.#isLookingUp) return;
    this.#isLookingUp = true;
    for (let attempt = 1; !this.#isClosed; attempt++) {
      const topics = this.#queue.topicsAside();
      if (topics.size === 0) break;
      try {
        await Promise.all([...topics].map((topic) => this.#lookUp(topic)));
      } catch (error) {
        if (brokerErrorType(error) === undefined) void this.#link.cut('a look-up failed');
        this.#failed('lookup', error);
      }
      this.#queue.readmit();
      if (this.#queue.length > 0 && !this.#isPumping) void this.#pump();
      if (this.#queue.hasAside) await sleep(backoffMs(attempt), undefined, { ref: false });
    }
    this.#isLookingUp = false;
  }

  async #lookUp(topic: string): Promise<void> {
    const count = await this.#link.partitionCount(topic);
    this.#isConnected = true;
    if (count !== undefined) {
      this.#partitionCounts.set(topic, count);
      this.#missing.delete(topic);
    } else if (!this.#missing.has(topic)) {
      this.#missing.add(topic);
      this.options.logger.warn({ topic }, 'topic is missing, its messages wait');
    }
  }

  /** Rejects what is due and says when the next is. Waiting for a missing topic says nothing about the broker. */
  #expire(): number | undefined {
    const now = Date.now();
    let next = Infinity;
    let isLate = false;
    const check = (group: PublishGroup) => {
      if (group.settled) return false;
      next = Math.min(next, group.deadline > now ? group.deadline : Infinity);
      if (group.deadline > now) return false;
      publishMetrics.failures.inc({ reason: 'deadline' });
      group.reject(new PublishError('unavailable', 'no acknowledgement before the deadline'));
      return true;
    };
    for (const { group } of this.#inFlight) isLate = check(group) || isLate;
    for (const group of this.#queue.inLine()) isLate = check(group) || isLate;
    for (const group of this.#queue.aside()) check(group);
    this.#queue.dropSettled();
    if (isLate) {
      this.#failed('deadline', undefined);
      const isAbandoned = this.#inFlight.length > 0 && this.#inFlight.every(({ group }) => group.settled);
      if (isAbandoned) void this.#link.cut('nobody waits for the batch any more');
    }
    return next === Infinity ? undefined : next;
  }

  async #probeIfAway(): Promise<void> {
    publishMetrics.available.set(this.available ? 1 : 0);
    if (this.available || this.#inFlight.length > 0 || this.#isClosing) return;
    try {
      await this.#link.probe();
      this.#succeeded(0);
    } catch (error) {
      void this.#link.cut('a probe failed');
      this.#failed('probe', error);
    }
  }

  #succeeded(messages: number): void {
    if (!this.available) this.options.logger.info('broker acknowledges');
    this.#isConnected = true;
    this.#failuresInRow = 0;
    if (messages > 0) publishMetrics.batchMessages.observe(messages);
  }

  #failed(what: string, error: unknown): void {
    const wasAvailable = this.available;
    this.#failuresInRow += 1;
    publishMetrics.failures.inc({ reason: what });
    const detail = { what, error: error === undefined ? undefined : describeError(error) };
    if (wasAvailable && !this.available) this.options.logger.warn(detail, 'broker does not acknowledge');
    else this.options.logger.debug(detail, 'publishing failed');
  }
}

const tooLarge = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
/** What the broker will refuse as often as it is asked, because of one record in the batch. */
const splittable = new Set([...tooLarge, 'INVALID_RECORD', 'INVALID_TIMESTAMP']);

function backoffMs(attempt: number): number {
  return Math.min(probeEveryMs, 5 * 2 ** Math.min(attempt, 10));
}
