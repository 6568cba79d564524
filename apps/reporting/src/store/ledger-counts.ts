import type { Transaction } from '#postgres';
import type { CountedGroup } from '../domain/answer.js';
import { feedbackSet } from '../domain/dimensions.js';
import { ledgerCountersOf } from '../domain/metric-catalogue.js';
import { liesOnQuarters, neededDimensions, type Question } from '../domain/question.js';
import { countsOf, groupOf } from './cell-counts.js';
import { instant } from './columns.js';
import { bucketOf, filterBy, groupByFirst, Parameters } from './sql-parts.js';

const beginnings = ['received', 'read'];
const ends = ['published', 'spooled', 'refused', 'quarantined', 'noted', 'stored', 'duplicate', 'dropped'];

/** Minutes added up by quarter, source and app, in the order of their key. */
export function quartersOf(minutes: string): string {
  return `select date_bin('15 minutes', minute, 'epoch') as quarter, source, app,
      sum(${beginnings.join(' + ')}) as began, sum(${ends.join(' + ')}) as ended
    from ${minutes} group by 1, 2, 3 order by 1, 2, 3`;
}

/** A source is `<channel>:<account>`, or the channel alone where the account never came to be known. */
const dimensions = `split_part(source, ':', 1) as channel,
  case when source like '%:%' then substr(source, position(':' in source) + 1) else '' end as account`;

/** How much of what came in has come to an end: both equations of the ledger, of every source and app, by quarters of an hour. */
export class LedgerCounts {
  constructor(private readonly question: Question) {}

  /** Nothing where the question needs more than the ledger knows: channel and account. */
  async count(tx: Transaction): Promise<CountedGroup[]> {
    const { metrics, groupBy, granularity, zone, filters } = this.question;
    const counters = ledgerCountersOf(metrics);
    const known: readonly string[] = feedbackSet.of;
    if (counters.length === 0 || !neededDimensions(this.question).every((name) => known.includes(name))) return [];
    const parameters = new Parameters();
    const bucket = bucketOf('quarter', granularity, parameters.add(zone, 'text'));
    const groups = groupBy.map((dimension, index) => `, ${dimension} as g${index}`).join('');
    // Apps first, and sources where nobody asks for them: what is left to be put into buckets is a fraction.
    const source = neededDimensions(this.question).length === 0 ? "''" : 'source';
    const bySource = `select quarter, ${source} as source, sum(greatest(began, ended)) as counted, sum(least(began, ended)) as accounted
      from (${this.#quarters(parameters)}) as part group by 1, 2`;
    const text = `select ${bucket} as bucket${groups}, sum(counted) as ledger_counted, sum(accounted) as ledger_accounted
      from (select quarter, counted, accounted, ${dimensions} from (${bySource}) as part) as part
      where true${filterBy(filters, (dimension) => dimension, parameters)} ${groupByFirst(1 + groupBy.length)}`;
    const rows = await tx.query<Record<string, unknown>>('', text, parameters.values);
    return rows.map((row) => ({
      bucket: Number(row.bucket),
      group: groupOf(row, groupBy.length),
      counts: countsOf(row, counters),
    }));
  }

  #quarters(parameters: Parameters): string {
    const range = (column: string) =>
      `${column} >= ${parameters.add(instant(this.question.from), 'timestamptz')} and ${column} < ${parameters.add(instant(this.question.to), 'timestamptz')}`;
    return liesOnQuarters(this.question)
      ? `select * from ledger_quarter where ${range('quarter')}`
      : quartersOf(`ledger_count where ${range('minute')}`);
  }
}
