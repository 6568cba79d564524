import { setTimeout as delay } from 'node:timers/promises';
import type { Logger, LoopWatch } from '#observability';

const afterFailureMs = 1_000;

/** Does something again and again, rests as long as that says, and is woken when there is something to do. */
export class WakeableLoop {
  private woken = new AbortController();

  constructor(
    private readonly parts: { readonly watch: LoopWatch; readonly logger: Logger; readonly stopping: AbortSignal },
    /** Answers how many milliseconds to rest. */
    private readonly step: () => Promise<number>,
  ) {}

  /** Until `stopping`. A step that fails is tried again after a second. */
  async run(): Promise<void> {
    const { watch, logger, stopping } = this.parts;
    while (!stopping.aborted) {
      watch.turn();
      // Taken before the step: what comes while it looks must not be slept over.
      const { woken } = this;
      const restMs = await this.step().catch((error: unknown) => {
        logger.warn({ err: error }, 'replies wait: the database or the provider failed');
        return afterFailureMs;
      });
      if (restMs > 0)
        await delay(restMs, undefined, { signal: AbortSignal.any([stopping, woken.signal]) }).catch(() => undefined);
    }
  }

  wake(): void {
    this.woken.abort();
    this.woken = new AbortController();
  }
}
