import { partitionFor, type WireMessage } from '#contracts';
import type { PublishError } from './publish-error.js';

/** One call of `publish`: its messages travel in one batch where the limits allow it, and it settles as a whole. */
export class PublishGroup {
  readonly done: Promise<void>;
  readonly bytes: number;
  #unacknowledged: number;
  #settled = false;
  #resolve!: () => void;
  #reject!: (error: PublishError) => void;

  constructor(
    readonly messages: readonly SizedMessage[],
    readonly deadline: number,
    private readonly onSettled: (group: PublishGroup) => void,
  ) {
    this.bytes = messages.reduce((sum, message) => sum + message.bytes, 0);
    this.#unacknowledged = messages.length;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get settled(): boolean {
    return this.#settled;
  }

  acknowledge(): void {
    this.#unacknowledged -= 1;
    if (this.#unacknowledged > 0 || this.#settled) return;
    this.#settled = true;
    this.onSettled(this);
    this.#resolve();
  }

  reject(error: PublishError): void {
    if (this.#settled) return;
    this.#settled = true;
    this.onSettled(this);
    this.#reject(error);
  }
}

export interface SizedMessage {
  readonly wire: WireMessage;
  readonly bytes: number;
}

/** A message on its way in a batch. */
export interface Entry {
  readonly group: PublishGroup;
  readonly wire: WireMessage;
  readonly bytes: number;
  readonly partition: number;
}

export interface BatchLimits {
  readonly messages: number;
  readonly bytesPerPartition: number;
  readonly bytes: number;
}

/** The limits of docs/architecture.md: a partition's share stays below the broker's 1 MiB for one record batch. */
export const batchLimits: BatchLimits = { messages: 500, bytesPerPartition: 512 * 1024, bytes: 8 * 1024 * 1024 };

const recordOverhead = 24;

/** What a message takes on the wire, in bytes, within a few percent. */
export function sizeOf(wire: WireMessage): number {
  let bytes = recordOverhead + wire.key.length + (wire.value?.length ?? 0);
  for (const name in wire.headers) bytes += name.length + (wire.headers[name]?.length ?? 0) + 4;
  return bytes;
}

interface Waiting {
  readonly group: PublishGroup;
  /** What no batch has taken yet: only a group beyond the limits of a batch is cut. */
  messages: readonly SizedMessage[];
}

/**
 * The line of groups before the producer: first in, first out. A group whose topic is not known steps aside with all later groups
 * of that topic, so that a missing topic holds up nobody else.
 */
export class PublishQueue {
  #line: Waiting[] = [];
  #head = 0;
  #aside: Waiting[] = [];

  constructor(
    private readonly partitionCount: (topic: string) => number | undefined,
    private readonly limits: BatchLimits = batchLimits,
  ) {}

  get length(): number {
    return this.#line.length - this.#head;
  }

  get hasAside(): boolean {
    return this.#aside.length > 0;
  }

  push(group: PublishGroup): void {
    this.#line.push({ group, messages: group.messages });
  }

  /** Puts what a batch gave back before everything else. */
  returnToFront(entries: readonly Entry[]): void {
    const back = new Map<PublishGroup, Waiting>();
    for (const { group, wire, bytes } of entries) {
      const waiting = back.get(group) ?? { group, messages: [] };
      back.set(group, { group, messages: [...waiting.messages, { wire, bytes }] });
    }
    this.#line = [...back.values(), ...this.#line.slice(this.#head)];
    this.#head = 0;
  }

  /** The topics unknown so far that somebody waits for. */
  topicsAside(): Set<string> {
    const topics = new Set<string>();
    for (const { messages } of this.#aside) {
      for (const { wire } of messages) if (this.partitionCount(wire.topic) === undefined) topics.add(wire.topic);
    }
    return topics;
  }

  /** Lets groups whose topics have become known back in, before those that came later. */
  readmit(): void {
    const known = this.#aside.filter((waiting) => this.#isRoutable(waiting));
    if (known.length === 0) return;
    this.#aside = this.#aside.filter((waiting) => !this.#isRoutable(waiting));
    this.#line = [...known, ...this.#line.slice(this.#head)];
    this.#head = 0;
  }

  *inLine(): Generator<PublishGroup> {
    for (let at = this.#head; at < this.#line.length; at++) {
      const waiting = this.#line[at];
      if (waiting !== undefined) yield waiting.group;
    }
  }

  *aside(): Generator<PublishGroup> {
    for (const { group } of this.#aside) yield group;
  }

  /** Forgets groups that are settled already: their deadline passed. */
  dropSettled(): void {
    this.#line = this.#line.slice(this.#head).filter(({ group }) => !group.settled);
    this.#head = 0;
    this.#aside = this.#aside.filter(({ group }) => !group.settled);
  }

  /** The next batch within the limits; empty when nobody in line can go. */
  take(): Entry[] {
    const batch = new BatchBuilder(this.limits);
    while (this.#head < this.#line.length) {
      const waiting = this.#line[this.#head];
      if (waiting === undefined) break;
      if (!waiting.group.settled) {
        if (!this.#isRoutable(waiting)) this.#aside.push(waiting);
        else if (!this.#add(batch, waiting)) break;
      }
      this.#head += 1;
    }
    if (this.#head === this.#line.length || this.#head > 4096) {
      this.#line = this.#line.slice(this.#head);
      this.#head = 0;
    }
    return batch.entries;
  }

  #isRoutable(waiting: Waiting): boolean {
    for (const { wire } of waiting.messages) if (this.partitionCount(wire.topic) === undefined) return false;
    return true;
  }

  /** False when the batch is full, with what did not fit left in line. */
  #add(batch: BatchBuilder, waiting: Waiting): boolean {
    const mark = batch.entries.length;
    for (const { wire, bytes } of waiting.messages) {
      const partition = partitionFor(wire.partitionKey, this.partitionCount(wire.topic) ?? 1);
      if (batch.add({ group: waiting.group, wire, bytes, partition })) continue;
      if (mark > 0) batch.cutBackTo(mark);
      else waiting.messages = waiting.messages.slice(batch.entries.length);
      return false;
    }
    return true;
  }
}

class BatchBuilder {
  readonly entries: Entry[] = [];
  #bytes = 0;
  readonly #byTopic = new Map<string, number[]>();

  constructor(private readonly limits: BatchLimits) {}

  /** False when it does not fit. The first message always does: a batch of one is how the broker gets to judge its size. */
  add(entry: Entry): boolean {
    const { topic } = entry.wire;
    let shares = this.#byTopic.get(topic);
    if (shares === undefined) this.#byTopic.set(topic, (shares = []));
    const share = (shares[entry.partition] ?? 0) + entry.bytes;
    const isFull =
      this.entries.length >= this.limits.messages ||
      this.#bytes + entry.bytes > this.limits.bytes ||
      share > this.limits.bytesPerPartition;
    if (isFull && this.entries.length > 0) return false;
    shares[entry.partition] = share;
    this.#bytes += entry.bytes;
    this.entries.push(entry);
    return true;
  }

  cutBackTo(length: number): void {
    for (const { wire, partition, bytes } of this.entries.splice(length)) {
      this.#bytes -= bytes;
      const shares = this.#byTopic.get(wire.topic);
      if (shares !== undefined) shares[partition] = (shares[partition] ?? 0) - bytes;
    }
  }
}
