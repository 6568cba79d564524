import { Temporal } from 'temporal-polyfill';
import { quarterOf } from './day-starts.js';
import type { Granularity } from './question.js';

type Stepped = Exclude<Granularity, 'weekday_hour'>;

const steps: Record<Stepped, Temporal.DurationLike> = {
  hour: { hours: 1 },
  day: { days: 1 },
  week: { weeks: 1 },
  month: { months: 1 },
};

function zoned(at: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}

/** The start of the bucket that an instant lies in. Weeks begin on Monday. */
export function bucketStart(at: number, granularity: Stepped, zone: string): number {
  const local = zoned(at, zone);
  if (granularity === 'hour') {
    return local.round({ smallestUnit: 'hour', roundingMode: 'floor' }).epochMilliseconds;
  }
  const day = local.startOfDay();
  if (granularity === 'week') return day.subtract({ days: day.dayOfWeek - 1 }).startOfDay().epochMilliseconds;
  if (granularity === 'month') return day.with({ day: 1 }).startOfDay().epochMilliseconds;
  return day.epochMilliseconds;
}

/** The starts of all buckets that overlap [from, to), in order. */
export function bucketStarts(range: { from: number; to: number }, granularity: Stepped, zone: string): number[] {
  const starts: number[] = [];
  let next = zoned(bucketStart(range.from, granularity, zone), zone);
  while (next.epochMilliseconds < range.to) {
    starts.push(next.epochMilliseconds);
    const following = next.add(steps[granularity]);
    // A clock change at midnight moves the start of one day, not of those after it.
    next = granularity === 'hour' ? following : following.startOfDay();
  }
  return starts;
}

/** About how many buckets a range has: for refusing before counting. */
export function estimatedBuckets(range: { from: number; to: number }, granularity: Granularity): number {
  const hours = (range.to - range.from) / 3_600_000;
  const hoursPerBucket = { hour: 1, day: 24, week: 168, month: 672, weekday_hour: Number.POSITIVE_INFINITY };
  return hours / hoursPerBucket[granularity];
}

/** How a bucket is called in an answer: 2026-11-22T09:00:00+07:00, 2026-11-22, Monday's date, 2026-11. */
export function bucketLabel(start: number, granularity: Stepped, zone: string): string {
  const local = zoned(start, zone);
  if (granularity === 'hour') {
    return local.toString({ timeZoneName: 'never', smallestUnit: 'second' });
  }
  if (granularity === 'month') return local.toPlainDate().toPlainYearMonth().toString();
  return local.toPlainDate().toString();
}

/** An hour of the week: 1T09 is Monday at nine; the days count from Monday. */
export function weekdayHourLabel(weekday: number, hour: number): string {
  return `${weekday}T${String(hour).padStart(2, '0')}`;
}

/**
 * Writes instants in a zone's local time, in one form. An export asks for a million: the offset is looked up once a quarter
 * of an hour, on which every change of a clock falls.
 */
export class LocalTimes {
  #quarter = Number.NaN;
  #offsetMs = 0;
  #offset = '';

  constructor(private readonly zone: string) {}

  /** 2026-11-23T00:00:00.500+07:00 */
  write(at: number): string {
    const quarter = quarterOf(at);
    if (quarter !== this.#quarter) {
      const local = zoned(quarter, this.zone);
      this.#quarter = quarter;
      this.#offsetMs = local.offsetNanoseconds / 1e6;
      this.#offset = local.offset;
    }
    return new Date(at + this.#offsetMs).toISOString().slice(0, -1) + this.#offset;
  }
}
