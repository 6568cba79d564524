const inRowLimit = 20;
const windowSize = 100;
const windowLimit = windowSize / 2;

/**
 * Tells bad input from a bug of ours: 20 events refused in a row, or half of the last 100, is a bug, and filling the quarantine
 * with good events would hide it.
 */
export class QuarantineBrake {
  #inRow = 0;
  #window: boolean[] = [];

  passed(events: number): void {
    if (events === 0) return;
    this.#inRow = 0;
    this.#remember(Array.from({ length: Math.min(events, windowSize) }, () => false));
  }

  /** True when this refusal is one too many: the event must not be quarantined but kept on the log. */
  refused(): boolean {
    this.#inRow += 1;
    this.#remember([true]);
    return this.#inRow >= inRowLimit || this.#window.filter(Boolean).length >= windowLimit;
  }

  #remember(refusals: readonly boolean[]): void {
    this.#window = [...this.#window, ...refusals].slice(-windowSize);
  }
}
