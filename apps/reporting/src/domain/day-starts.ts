import { Temporal } from 'temporal-polyfill';

export const quarterMs = 15 * 60_000;

/** The start of the 15-minute cell; every zone's days begin on one. */
export function quarterOf(at: number): number {
  return Math.floor(at / quarterMs) * quarterMs;
}

const remembered = 20_000;

/** Where the local day of an instant begins, remembered by quarter because a batch asks for the same few. */
export class DayStarts {
  readonly #starts = new Map<number, number>();

  constructor(readonly zone: string) {}

  of(quarter: number): number {
    const known = this.#starts.get(quarter);
    if (known !== undefined) return known;
    const start = Temporal.Instant.fromEpochMilliseconds(quarter)
      .toZonedDateTimeISO(this.zone)
      .startOfDay().epochMilliseconds;
    if (this.#starts.size >= remembered) this.#starts.clear();
    this.#starts.set(quarter, start);
    return start;
  }
}
