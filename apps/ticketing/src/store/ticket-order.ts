import type { Conditions } from './conditions.js';

export const ticketSorts = ['-number', 'number', '-updatedAt', 'updatedAt', 'windowClosesAt'] as const;
export type TicketSort = (typeof ticketSorts)[number];

/** What identifies the place of a ticket in a list. Times with all digits that the database has. */
interface Placed {
  readonly number: number;
  readonly updatedKey: string;
  readonly windowKey: string | null;
}

/** A stretch of a list that one index has in order. `after` counts its values from `$1`. */
interface Stretch {
  readonly where?: string;
  readonly by: string;
  readonly after: string;
}

const orders: Readonly<Record<Exclude<TicketSort, 'windowClosesAt'>, Stretch>> = {
  '-number': { by: 't.number DESC', after: 't.number < $1::integer' },
  number: { by: 't.number', after: 't.number > $1::integer' },
  '-updatedAt': {
    by: 't.updated_at DESC, t.number DESC',
    after: '(t.updated_at, t.number) < ($1::timestamptz, $2::integer)',
  },
  updatedAt: { by: 't.updated_at, t.number', after: '(t.updated_at, t.number) > ($1::timestamptz, $2::integer)' },
};

/** By far the most tickets have no window: they stand outside of its index, so a list goes through that and then by number. */
const closing: Stretch = {
  where: 't.window_closes_at IS NOT NULL',
  by: 't.window_closes_at, t.number',
  after: '(t.window_closes_at, t.number) > ($1::timestamptz, $2::integer)',
};
const neverClosing: Stretch = { where: 't.window_closes_at IS NULL', by: 't.number', after: 't.number > $1::integer' };
const noWindow = 'none';

/** The sort values of a ticket, for the cursor. */
export function placeOf(row: Placed, sort: TicketSort): string[] {
  const number = String(row.number);
  if (sort === 'windowClosesAt') return [row.windowKey ?? noWindow, number];
  return sort.endsWith('number') ? [number] : [row.updatedKey, number];
}

/** @param after the sort values of the last ticket of the page before. */
function stretchesOf(
  sort: TicketSort,
  after: readonly string[] | undefined,
): { readonly stretch: Stretch; readonly after: readonly string[] | undefined }[] {
  if (sort !== 'windowClosesAt') return [{ stretch: orders[sort], after }];
  if (after?.[0] === noWindow) return [{ stretch: neverClosing, after: after.slice(1) }];
  return [
    { stretch: closing, after },
    { stretch: neverClosing, after: undefined },
  ];
}

/** The order of the whole list. */
export function orderOf(sort: TicketSort): string {
  return sort === 'windowClosesAt' ? 't.window_closes_at NULLS LAST, t.number' : orders[sort].by;
}

/** Selects one page of tickets `t`; values of the cursor are added to those of the conditions, the last parameter is the limit. */
export function selectPage(conditions: Conditions, sort: TicketSort, after: readonly string[] | undefined): string {
  const always = conditions.texts.join(' AND ');
  const stretches = stretchesOf(sort, after).map(({ stretch, after: place }) => {
    const more = [stretch.where, place === undefined ? undefined : conditions.bind(stretch.after, ...place)];
    const where = [always, ...more.filter((text) => text !== undefined)].join(' AND ');
    return { where, by: stretch.by };
  });
  const limit = `LIMIT $${conditions.values.length + 1}`;
  const texts = stretches.map(({ where, by }) => `SELECT t.* FROM tickets t WHERE ${where} ORDER BY ${by} ${limit}`);
  if (texts.length === 1) return texts.join('');
  return `SELECT * FROM (${texts.map((text) => `(${text})`).join(' UNION ALL ')}) t ORDER BY ${orderOf(sort)} ${limit}`;
}
