import type { Transaction } from '#postgres';
import type { CountedGroup } from '../domain/answer.js';
import { feedbackSet } from '../domain/dimensions.js';
import { ledgerCountersOf } from '../domain/metric-catalogue.js';
import { neededDimensions, type Question } from '../domain/question.js';
import { countsOf, groupOf } from './cell-counts.js';
import { instant } from './columns.js';
import { bucketOf, filterBy, groupByFirst, Parameters } from './sql-parts.js';

const ended = ['published', 'spooled', 'refused', 'quarantined', 'noted', 'stored', 'duplicate', 'dropped'].join(' + ');
/** A source is `<channel>:<account>`, or the channel alone where the account never came to be known. */
const columns = `minute, split_part(source, ':', 1) as channel,
  case when source like '%:%' then substr(source, position(':' in source) + 1) else '' end as account,
  received + read as began, ${ended} as ended`;

/** How much of what came in has come to an end, out of the ledger's minutes: both equations of every app at once. */
export class LedgerCounts {
  constructor(private readonly question: Question) {}

  /** Nothing where the question needs more than the ledger knows: channel and account. */
  async count(tx: Transaction): Promise<CountedGroup[]> {
    const { metrics, groupBy, granularity, zone, from, to, filters } = this.question;
    const counters = ledgerCountersOf(metrics);
    const known: readonly string[] = feedbackSet.of;
    if (counters.length === 0 || !neededDimensions(this.question).every((name) => known.includes(name))) return [];
    const parameters = new Parameters();
    const bucket = bucketOf('minute', granularity, parameters.add(zone, 'text'));
    const groups = groupBy.map((dimension, index) => `, ${dimension} as g${index}`).join('');
    const range = `minute >= ${parameters.add(instant(from), 'timestamptz')} and minute < ${parameters.add(instant(to), 'timestamptz')}`;
    const text = `select ${bucket} as bucket${groups},
        sum(greatest(began, ended)) as ledger_counted, sum(least(began, ended)) as ledger_accounted
      from (select ${columns} from ledger_count where ${range}) as counted
      where true${filterBy(filters, (dimension) => dimension, parameters)} ${groupByFirst(1 + groupBy.length)}`;
    const rows = await tx.query<Record<string, unknown>>('', text, parameters.values);
    return rows.map((row) => ({
      bucket: Number(row.bucket),
      group: groupOf(row, groupBy.length),
      counts: countsOf(row, counters),
    }));
  }
}
