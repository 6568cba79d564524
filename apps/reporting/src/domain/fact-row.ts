import type { DimensionValues } from './dimensions.js';
import { binOf } from './histogram.js';

/**
 * What a fact of a ticket can contribute to. The codes are stored: never reuse one.
 * `moved` contributes to the backlog alone.
 */
export const measureCodes = {
  opened: 1,
  resolved: 2,
  /** A resolution that a reopening took back, in the bucket of that resolution. */
  reopened: 3,
  first_response: 4,
  next_response: 5,
  reply_delivered: 6,
  reply_failed: 7,
  moved: 8,
} as const;
export type Measure = keyof typeof measureCodes;

/** The measures that are durations, each with a histogram of its own. */
export const timedMeasures = ['first_response', 'next_response', 'resolved'] as const satisfies readonly Measure[];
export type TimedMeasure = (typeof timedMeasures)[number];

/**
 * One contribution of a fact. Every number of reporting is a sum over such rows, so a rollup is their grouping and
 * a retraction is the same row with the opposite sign, in the bucket and under the dimensions of what it takes back.
 */
export interface FactRow {
  readonly ticketId: string;
  readonly ticketNumber: string;
  readonly sequence: number;
  /** Milliseconds since 1970; decides the bucket. */
  readonly at: number;
  readonly measure: Measure;
  /** 1, −1 for a retraction, 0 for what only moves the backlog. */
  readonly weight: number;
  /** By how much the backlog rises at `at`. */
  readonly backlogChange: number;
  /** The duration, unsigned; 0 where the measure has none. */
  readonly milliseconds: number;
  /** The duration's histogram bin, 0 where the measure has none. */
  readonly bin: number;
  readonly oneTouch: boolean;
  readonly transferred: boolean;
  readonly replyId?: string;
  readonly dimensions: DimensionValues;
}

/** Durations are whole milliseconds, so that sums are exact whatever the order of addition. */
export function duration(seconds: number): { milliseconds: number; bin: number } {
  const milliseconds = Math.round(seconds * 1000);
  return { milliseconds, bin: binOf(milliseconds) };
}

export function isTimed(measure: Measure): measure is TimedMeasure {
  return (timedMeasures as readonly Measure[]).includes(measure);
}
