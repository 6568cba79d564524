import type { WireMessage } from '#contracts';
import { type Logger } from '#observability';
import { appendSpool, type Database, readQueue } from '#postgres';

const batchMessages = 400;
const batchBytes = 4 * 1024 * 1024;
/** Memory for messages on their way into the spool. */
const waitingBytes = 64 * 1024 * 1024;
/** Longer than lock_timeout: who waits longer than this is better told to come again. */
const patienceMs = 6_000;

interface Waiting {
  readonly messages: readonly WireMessage[];
  readonly bytes: number;
  readonly since: number;
  readonly settle: (kept: boolean) => void;
}

/** The table where an intake keeps what the broker does not take. Callers that come together share one transaction. */
export class Spool {
  private line: Waiting[] = [];
  private bytes = 0;
  private writing = false;
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  /** Calls back after rows were committed. */
  onAppended(listener: () => void): void {
    this.listeners.push(listener);
  }

  /**
   * Commits the messages as neighbouring rows, in one transaction. False: not kept, or not known to be kept in time
   * (then they may turn up on the log all the same, under the same ids).
   */
  append(messages: readonly WireMessage[]): Promise<boolean> {
    const bytes = messages.reduce((sum, message) => sum + message.key.length + (message.value?.length ?? 0), 500);
    if (this.bytes + bytes > waitingBytes) return Promise.resolve(false);
    return new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), patienceMs);
      this.bytes += bytes;
      this.line.push({
        messages,
        bytes,
        since: performance.now(),
        settle: (kept) => {
          clearTimeout(timer);
          this.bytes -= bytes;
          resolve(kept);
        },
      });
      if (!this.writing) void this.writeAll();
    });
  }

  /** The message that leaves next, of all that replicas and earlier runs have left here; undefined where there is none, or no database to ask. */
  async front(): Promise<WireMessage | undefined> {
    try {
      const [front] = await readQueue(this.database, 'spool', 1);
      return front?.message;
    } catch (error) {
      this.logger.warn({ err: error }, 'the spool cannot be read');
      return undefined;
    }
  }

  private async writeAll(): Promise<void> {
    this.writing = true;
    while (this.line.length > 0) {
      const batch = this.take();
      if (batch.length === 0) continue;
      const kept = await this.write(batch.flatMap((waiting) => waiting.messages));
      for (const waiting of batch) waiting.settle(kept);
      if (kept) for (const listener of this.listeners) listener();
    }
    this.writing = false;
  }

  /** The next callers for one transaction; those whose patience is over are not written any more. */
  private take(): Waiting[] {
    const oldest = performance.now() - patienceMs;
    const batch: Waiting[] = [];
    let count = 0;
    let bytes = 0;
    let taken = 0;
    for (const waiting of this.line) {
      if (batch.length > 0 && (count + waiting.messages.length > batchMessages || bytes + waiting.bytes > batchBytes))
        break;
      taken += 1;
      if (waiting.since < oldest) {
        waiting.settle(false);
        continue;
      }
      batch.push(waiting);
      count += waiting.messages.length;
      bytes += waiting.bytes;
    }
    this.line = this.line.slice(taken);
    return batch;
  }

  private async write(messages: readonly WireMessage[]): Promise<boolean> {
    try {
      await this.database.transaction((tx) => appendSpool(tx, messages));
      return true;
    } catch (error) {
      this.logger.warn({ err: error, messages: messages.length }, 'the spool cannot be written');
      return false;
    }
  }
}
