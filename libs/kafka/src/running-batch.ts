import { type BatchContext, type Consumed, supervised } from './batch-handler.js';
import type { DeadLetters, Refusal } from './dead-letters.js';
import type { Outcome } from './outcome.js';

/** An outcome asked for the whole batch to start again. */
export class RetryBatch extends Error {
  override readonly name = 'RetryBatch';

  constructor(readonly reason: string) {
    super(`the batch starts again: ${reason}`);
  }
}

/** The consumer's side of a batch: the group's heartbeats and whether the partition is still ours. */
export interface Tenure {
  heartbeat(): Promise<void>;
  readonly rebalancing: boolean;
  readonly isRunning: boolean;
}

/** One attempt of a handler at a batch. */
export class RunningBatch implements BatchContext {
  #outcomes: readonly Outcome[] | undefined;

  constructor(
    private readonly events: readonly Consumed<unknown>[],
    private readonly tenure: Tenure,
    private readonly deadLetters: DeadLetters,
  ) {
    supervised.add(this);
  }

  /** Undefined until the handler has settled. */
  get outcomes(): readonly Outcome[] | undefined {
    return this.#outcomes;
  }

  get rebalancing(): boolean {
    return this.tenure.rebalancing;
  }

  heartbeat(): Promise<void> {
    return this.tenure.heartbeat();
  }

  async settle(outcomes: readonly Outcome[]): Promise<void> {
    if (outcomes.length !== this.events.length) {
      throw new RangeError(`${outcomes.length} outcomes for ${this.events.length} events`);
    }
    const again = outcomes.find((outcome) => outcome.kind === 'retry');
    if (again !== undefined) throw new RetryBatch(again.reason);
    const refused = this.events.flatMap((record, index) => {
      const outcome = outcomes[index];
      return outcome?.kind === 'deadLetter' ? [{ record, refusal: outcome satisfies Refusal }] : [];
    });
    if (refused.length > 0) await this.deadLetters.write(refused);
    this.#outcomes = outcomes;
  }
}
