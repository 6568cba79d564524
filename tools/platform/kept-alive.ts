import { setTimeout as sleep } from 'node:timers/promises';

export interface Startable {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

export interface KeptAliveOptions<T extends Startable> {
  readonly name: string;
  /** Resolves once it works. */
  readonly start: () => Promise<T>;
  /** After each start, the first one included. */
  readonly onUp: (instance: T) => Promise<void>;
  readonly say: (line: string) => void;
}

const longestWaitMs = 10_000;
/** Who lived this long has earned an immediate restart again. */
const steadyMs = 20_000;

/** Starts a process again whenever it dies: at once the first time, then with a growing wait, as a cluster would. */
export class KeptAlive<T extends Startable> {
  private readonly stopped = new AbortController();
  private current: T | undefined;
  private watching: Promise<void> = Promise.resolve();

  constructor(private readonly options: KeptAliveOptions<T>) {}

  /** Rejects when the very first start fails: then something is wrong that no restart mends. */
  async start(): Promise<T> {
    const first = await this.options.start();
    await this.accept(first);
    this.watching = this.watch(first);
    return first;
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.current?.stop();
    await this.watching;
    // A restart may have been under way when the stop came.
    await this.current?.stop();
  }

  private async watch(first: T): Promise<void> {
    let upSince = Date.now();
    let failures = 0;
    for (let instance: T | undefined = first; !this.stopped.signal.aborted; ) {
      if (instance !== undefined) {
        await instance.exited;
        if (this.stopped.signal.aborted) return;
        failures = Date.now() - upSince > steadyMs ? 0 : failures;
      }
      const waitMs = failures === 0 ? 0 : Math.min(longestWaitMs, 250 * 2 ** failures);
      this.options.say(`${this.options.name} is gone, starting it again${waitMs > 0 ? ` in ${waitMs} ms` : ''}`);
      await sleep(waitMs, undefined, { signal: this.stopped.signal }).catch(() => undefined);
      if (this.stopped.signal.aborted) return;
      failures += 1;
      instance = await this.startAgain();
      upSince = Date.now();
    }
  }

  private async startAgain(): Promise<T | undefined> {
    try {
      const instance = await this.options.start();
      await this.accept(instance);
      this.options.say(`${this.options.name} is back (process ${instance.pid})`);
      return instance;
    } catch (error) {
      this.options.say(`${this.options.name} did not start: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  private async accept(instance: T): Promise<void> {
    this.current = instance;
    await this.options.onUp(instance);
  }
}
