import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#observability';
import { classifyDatabaseError } from '#postgres';

export interface TimerOptions {
  readonly name: string;
  /** Pause after a turn that found nothing to do; a turn that did something is followed by the next at once. */
  readonly everyMs: number;
  readonly logger: Logger;
  /** Rest after each turn, in multiples of its own length: work that can wait leaves the database to work that cannot. Default 0. */
  readonly rest?: number;
  /** One turn; true when there may be more. */
  readonly turn: () => Promise<boolean>;
}

const longestBackoffMs = 30_000;

/** A loop that outlives every failure of its turns. Any replica may run it: turns take their work with `skip locked`. */
export class Timer {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: TimerOptions) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { everyMs, rest = 0 } = this.options;
    let pauseMs = 0;
    while (!this.stopping.signal.aborted) {
      const began = performance.now();
      const more = await this.turn();
      const restMs = rest * (performance.now() - began);
      if (more === undefined) pauseMs = Math.min(longestBackoffMs, Math.max(everyMs, pauseMs * 2));
      else pauseMs = more ? restMs : everyMs;
      if (pauseMs > 0) await this.pause(pauseMs);
    }
  }

  /** Undefined when the turn failed. */
  private async turn(): Promise<boolean | undefined> {
    try {
      return await this.options.turn();
    } catch (error) {
      const level = classifyDatabaseError(error) === 'transient' ? 'warn' : 'error';
      this.options.logger[level]({ err: error, timer: this.options.name }, 'timer failed, trying again');
      return undefined;
    }
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping.signal }).catch((error: unknown) => {
      if (!this.stopping.signal.aborted) throw error;
    });
  }
}
