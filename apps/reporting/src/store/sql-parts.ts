import type { Dimension } from '../domain/dimensions.js';
import type { Granularity } from '../domain/question.js';

/** Collects the parameters of one statement. */
export class Parameters {
  readonly values: unknown[] = [];

  /** `$3::text` */
  add(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}

/**
 * The bucket that an instant falls in, as a number: its start in milliseconds, or weekday × 100 + hour.
 * @param zone the parameter that holds the zone.
 */
export function bucketOf(column: string, granularity: Granularity, zone: string): string {
  if (granularity === 'weekday_hour') {
    const local = `${column} at time zone ${zone}`;
    return `(extract(isodow from ${local}) * 100 + extract(hour from ${local}))::int`;
  }
  return `(extract(epoch from date_trunc('${granularity}', ${column}, ${zone})) * 1000)::bigint`;
}

/** ` and team = any($4::text[]) …` */
export function filterBy(
  filters: Partial<Record<Dimension, readonly string[]>>,
  columnOf: (dimension: Dimension) => string,
  parameters: Parameters,
): string {
  return Object.entries(filters)
    .map(([name, values]) => ` and ${columnOf(name as Dimension)} = any(${parameters.add(values, 'text[]')})`)
    .join('');
}

/** `group by 1, 2, 3` */
export function groupByFirst(count: number): string {
  return count === 0 ? '' : `group by ${Array.from({ length: count }, (_, index) => index + 1).join(', ')}`;
}
