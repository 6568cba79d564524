/** One timer for many deadlines, armed for the earliest; with thousands of callers a second a timer each would cost more than the work. */
export class DeadlineWatch {
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Infinity;

  /** @param onDue rejects what is due and says when the next is (milliseconds since 1970), if any waits. */
  constructor(private readonly onDue: () => number | undefined) {}

  watch(deadline: number): void {
    if (deadline >= this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = deadline;
    this.#timer = setTimeout(() => this.#fire(), Math.max(1, deadline - Date.now()));
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#armedFor = Infinity;
  }

  #fire(): void {
    this.#armedFor = Infinity;
    const next = this.onDue();
    // A little later than asked: callers that came together leave together.
    if (next !== undefined) this.watch(next + 5);
  }
}
