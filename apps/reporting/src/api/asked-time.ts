import { Temporal } from 'temporal-polyfill';

declare const asked: unique symbol;
/** A date, or an instant with its offset. */
export type AskedTime = string & { readonly [asked]: true };

const date = /^\d{4}-\d{2}-\d{2}$/;
const instant = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

export function isAskedTime(text: string): text is AskedTime {
  return date.test(text) || instant.test(text);
}

/** Milliseconds since 1970; a date is the start of that day in the zone. Undefined for 31 February. */
export function resolveTime(text: AskedTime, zone: string): number | undefined {
  try {
    if (!date.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toZonedDateTime(zone).epochMilliseconds;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
