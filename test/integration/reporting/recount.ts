import type { Database } from '#postgres';
import { dimensionSets } from '../../../apps/reporting/src/domain/dimensions.js';
import { Histogram } from '../../../apps/reporting/src/domain/histogram.js';

/*
 * A second way to every number, in plain SQL over the rows, that shares nothing with the code under test but the tables.
 */

const sums = `
  0::bigint as feedback, 0::bigint as automatic_feedback,
  coalesce(sum(weight) filter (where measure = 1), 0) as opened,
  coalesce(sum(weight) filter (where measure = 2), 0) as resolved,
  coalesce(sum(weight * milliseconds) filter (where measure = 2), 0) as resolved_ms,
  coalesce(sum(weight) filter (where measure = 2 and one_touch), 0) as one_touch,
  coalesce(sum(weight) filter (where measure = 2 and transferred), 0) as transferred,
  coalesce(sum(weight) filter (where measure = 3), 0) as reopened,
  coalesce(sum(weight) filter (where measure = 4), 0) as first_responses,
  coalesce(sum(weight * milliseconds) filter (where measure = 4), 0) as first_response_ms,
  coalesce(sum(weight) filter (where measure = 5), 0) as next_responses,
  coalesce(sum(weight * milliseconds) filter (where measure = 5), 0) as next_response_ms,
  coalesce(sum(weight) filter (where measure = 6), 0) as replies_delivered,
  coalesce(sum(weight) filter (where measure = 7), 0) as replies_failed,
  sum(backlog_change) as backlog_change`;

/** Repeats the counters of domain/increments.ts on purpose: one that is lost there would else be missed here too. */
const counters = [
  'feedback',
  'automatic_feedback',
  'opened',
  'resolved',
  'resolved_ms',
  'one_touch',
  'transferred',
  'reopened',
  'first_responses',
  'first_response_ms',
  'next_responses',
  'next_response_ms',
  'replies_delivered',
  'replies_failed',
  'backlog_change',
];
const feedbackSums = counters.map((name) => {
  if (name === 'feedback') return 'count(*) filter (where not automatic)';
  return name === 'automatic_feedback' ? 'count(*) filter (where automatic)' : '0::bigint';
});

const quarter = (column: string) => `date_bin('15 minutes', ${column}, 'epoch')`;

function recountOf(bucket: (column: string) => string): string {
  const ofFacts = dimensionSets.map(({ code, of: [first, second] }) => {
    const places = `${first} as first, ${second ?? "''"} as second`;
    return `select ${code} as dimension_set, ${bucket('at')} as bucket, ${places}, ${sums} from fact group by 1, 2, 3, 4`;
  });
  const ofFeedback = `select 1, ${bucket('at')}, channel, account, ${feedbackSums.join(', ')}
    from feedback where counted group by 1, 2, 3, 4`;
  const total = counters.map((name) => `sum(${name}) as ${name}`).join(', ');
  return `select dimension_set, bucket, first, second, ${total}
    from (${[...ofFacts, ofFeedback].join(' union all ')}) as part group by 1, 2, 3, 4`;
}

const notEmpty = counters.map((name) => `${name} <> 0`).join(' or ');

function differences(stored: string, recount: string): string {
  const columns = `dimension_set, bucket, first, second, ${counters.join(', ')}`;
  const left = `select ${columns} from (${stored}) as stored where ${notEmpty}`;
  const right = `select ${columns} from (${recount}) as recounted where ${notEmpty}`;
  return `(select 'stored' as side, * from (${left} except ${right}) as a)
    union all (select 'recounted', * from (${right} except ${left}) as b)`;
}

/** Every difference between the rollups and a recount of the rows: empty when all is well. */
export async function cellsMissingFromRecount(database: Database, zones: readonly string[]): Promise<object[]> {
  const query = (text: string) => database.query<Record<string, unknown>>({ name: '', text });
  const found: object[] = await query(differences('select * from quarter_cell', recountOf(quarter)));
  for (const zone of zones) {
    const day = (column: string) => `date_trunc('day', ${column}, '${zone}')`;
    found.push(...(await query(differences(`select * from day_cell where zone = '${zone}'`, recountOf(day)))));
    found.push(...(await histogramDifferences(query, `day_histogram where zone = '${zone}'`, day)));
  }
  found.push(...(await histogramDifferences(query, 'quarter_histogram', quarter)));
  const totals = dimensionSets.map(
    ({ code, of: [first, second] }) =>
      `select ${code} as dimension_set, ${first} as first, ${second ?? "''"} as second, sum(backlog_change)::bigint as stock
       from fact group by 2, 3`,
  );
  const stored = 'select dimension_set, first, second, stock from backlog_total where stock <> 0';
  const recounted = `select dimension_set::smallint, first, second, stock from (${totals.join(' union all ')}) as t where stock <> 0`;
  found.push(...(await query(`(${stored} except ${recounted}) union all (${recounted} except ${stored})`)));
  return found;
}

type Query = (text: string) => Promise<Record<string, unknown>[]>;

async function histogramDifferences(query: Query, from: string, bucket: (column: string) => string): Promise<object[]> {
  const stored = new Map<string, string>();
  for (const row of await query(`select * from ${from}`)) {
    const bins = row.bins as Buffer;
    if (bins.length > 0) stored.set(keyOf(row), bins.toString('hex'));
  }
  const recounted = new Map<string, Histogram>();
  for (const {
    code,
    of: [first, second],
  } of dimensionSets) {
    const rows = await query(`select ${code} as dimension_set, ${bucket('at')} as bucket, ${first} as first,
      ${second ?? "''"} as second, measure, bin, sum(weight)::int as count
      from fact where measure in (2, 4, 5) group by 1, 2, 3, 4, 5, 6 having sum(weight) <> 0`);
    for (const row of rows) {
      const histogram = recounted.get(keyOf(row)) ?? new Histogram();
      histogram.add(row.bin as number, row.count as number);
      recounted.set(keyOf(row), histogram);
    }
  }
  const expected = new Map([...recounted].map(([key, histogram]) => [key, histogram.encode().toString('hex')]));
  return [...new Set([...stored.keys(), ...expected.keys()])]
    .filter((key) => stored.get(key) !== expected.get(key))
    .map((key) => ({ from, key, stored: stored.get(key), recounted: expected.get(key) }));
}

function keyOf(row: Record<string, unknown>): string {
  const { dimension_set: set, bucket, first, second, measure } = row;
  return [set, (bucket as Date).toISOString(), first, second, measure].map(String).join('|');
}
