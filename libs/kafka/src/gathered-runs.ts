import type { LogRecord } from './batch-handler.js';
import type { BatchRunner } from './batch-runner.js';
import type { Tenure } from './running-batch.js';

interface Part {
  readonly records: readonly LogRecord[];
  readonly tenure: Tenure;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets what several partitions bring at once go through the handler as one batch: a transaction costs nearly the same for five events as for
 * fifty, and one fetch of twelve partitions brings twelve small batches. A partition's own batches stay in order, since the next one comes
 * when this one is done; what fails, fails for all that were gathered, and each comes again.
 */
export class GatheredRuns {
  readonly #waiting: Part[] = [];
  #running = 0;
  #isDue = false;

  constructor(
    private readonly runner: Pick<BatchRunner, 'run'>,
    private readonly bounds: { readonly events: number; readonly atOnce: number },
  ) {}

  /** As `BatchRunner.run`. */
  run(records: readonly LogRecord[], tenure: Tenure): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ records, tenure, resolve, reject });
      if (this.#isDue) return;
      this.#isDue = true;
      // The partitions of one fetch are handed over in one turn of the event loop.
      setImmediate(() => {
        this.#isDue = false;
        this.#begin();
      });
    });
  }

  #begin(): void {
    while (this.#running < this.bounds.atOnce && this.#waiting.length > 0) {
      this.#running += 1;
      void this.#together(this.#take());
    }
  }

  #take(): Part[] {
    let events = 0;
    const fits = (part: Part) => (events += part.records.length) <= this.bounds.events;
    const first = this.#waiting.findIndex((part) => !fits(part));
    return this.#waiting.splice(0, first === -1 ? this.#waiting.length : Math.max(1, first));
  }

  async #together(parts: readonly Part[]): Promise<void> {
    try {
      await this.runner.run(
        parts.flatMap(({ records }) => records),
        sharedTenure(parts.map(({ tenure }) => tenure)),
      );
      for (const { resolve } of parts) resolve();
    } catch (error) {
      for (const { reject } of parts) reject(error);
    } finally {
      this.#running -= 1;
      this.#begin();
    }
  }
}

/** All are held by one member of the group: one heartbeat serves all, and one loss is everybody's. */
function sharedTenure(tenures: readonly Tenure[]): Tenure {
  return {
    heartbeat: async () => tenures[0]?.heartbeat(),
    get rebalancing() {
      return tenures.some(({ rebalancing }) => rebalancing);
    },
    get isRunning() {
      return tenures.every(({ isRunning }) => isRunning);
    },
  };
}
