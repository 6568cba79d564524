import { setTimeout as delay } from 'node:timers/promises';
import type { NodeProcess } from '../../bench/harness/node-process.js';

export interface KeptServiceOptions {
  readonly name: string;
  readonly url: string;
  readonly start: () => NodeProcess;
}

/** A service that is started again whenever it dies, as a cluster would, unless a fault holds it down. */
export class KeptService {
  private current: NodeProcess;
  private held = false;
  private stopping = false;
  private watching: Promise<void>;
  /** Milliseconds from each death to the next `ready`. */
  readonly recoveries: number[] = [];

  constructor(private readonly options: KeptServiceOptions) {
    this.current = options.start();
    this.watching = this.watch();
  }

  get name(): string {
    return this.options.name;
  }

  get url(): string {
    return this.options.url;
  }

  get process(): NodeProcess {
    return this.current;
  }

  /** kill -9; it comes back by itself. */
  kill(): void {
    this.current.signal('SIGKILL');
  }

  /** Ends it as a cluster does; ready again when this resolves. */
  async restart(): Promise<void> {
    const before = this.current;
    before.signal('SIGTERM');
    await before.ended;
    await this.ready();
  }

  /** From now on it stays down when it dies. */
  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
  }

  /** How long it takes is judged by the figures of recovery, so this waits as long as a busy machine needs. */
  async ready(timeoutMs = 180_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await this.isReady())) {
      if (Date.now() > deadline) {
        throw new Error(`${this.name} is not ready after ${timeoutMs} ms; its last words:\n${this.current.lastWords}`);
      }
      await delay(50);
    }
  }

  async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(1_000) })).ok;
    } catch {
      // Nobody listens: that is what not ready looks like from outside.
      return false;
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.current.stop();
    await this.watching;
  }

  private async watch(): Promise<void> {
    while (!this.stopping) {
      await this.current.ended;
      const diedAt = performance.now();
      while (this.held && !this.stopping) await delay(20);
      if (this.stopping) return;
      this.current = this.options.start();
      void this.noteRecovery(diedAt, this.current);
    }
  }

  private async noteRecovery(diedAt: number, started: NodeProcess): Promise<void> {
    while (started.running && !this.stopping) {
      if (await this.isReady()) {
        this.recoveries.push(performance.now() - diedAt);
        return;
      }
      await delay(20);
    }
  }
}
