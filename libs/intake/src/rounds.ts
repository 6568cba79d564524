import type { Background } from './intake-lifecycle.js';

/** Work that comes round by the clock, one round after the other; beside the requests, on every replica. */
export abstract class Rounds implements Background {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  /** @param everyMs from the beginning of one round to that of the next, the first of them after so long */
  protected constructor(private readonly everyMs: number) {}

  start(): void {
    this.timer = setInterval(() => this.next(), this.everyMs);
    this.timer.unref();
  }

  /** Resolves when the round in hand is done. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** One round more, after the one in hand. */
  protected next(): void {
    this.running = this.running.then(() => this.run());
  }

  /** One round. Must not reject: what fails is for the next one. */
  protected abstract run(): Promise<void>;
}
