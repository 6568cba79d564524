import type { Database, Transaction } from '#postgres';
import { counters } from '../domain/increments.js';
import { Tables } from './tables.js';

export interface Difference {
  /** For example `facts of measure 2 on 2026-11-22`. */
  readonly where: string;
  readonly live: string;
  readonly rebuilt: string;
}

const live = new Tables();
const rebuilt = new Tables('_rebuild');
const mostDifferences = 50;

/** The tables that a rebuild fills: made empty beside the live ones, compared with them, put in their place. */
export class RebuildRepository {
  constructor(private readonly database: Database) {}

  async prepare(): Promise<void> {
    await this.drop();
    for (const name of live.names) {
      await this.run(`create table ${rebuilt.of(name)} (like ${live.of(name)} including all)`);
    }
  }

  async drop(): Promise<void> {
    for (const name of live.names) await this.run(`drop table if exists ${rebuilt.of(name)}`);
  }

  /**
   * Runs `work` while nobody writes the live tables: writers wait for the lock, and give up and come again after 5 s.
   * Reports go on.
   */
  async holdingWriters<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.transaction(
      async (tx) => {
        await tx.execute('', "set local lock_timeout = '60s'");
        await tx.execute('', 'set local idle_in_transaction_session_timeout = 0');
        await tx.execute('', 'lock table ticket_progress, feedback in exclusive mode');
        return work(tx);
      },
      { attempts: 1 },
    );
  }

  /** How many facts the rebuilt tables have that the live ones have not counted yet. */
  async countAhead(): Promise<number> {
    const [row] = await this.database.query<{ ahead: string }>({ name: '', text: `select count(*) as ahead ${ahead}` });
    return Number(row?.ahead);
  }

  /** Compares what both have counted; a live table that lags behind the log is no difference. */
  async compare(tx: Transaction): Promise<Difference[]> {
    const found: Difference[] = [];
    for (const text of [comparedFacts, comparedFeedback, comparedProgress, comparedCells]) {
      const rows = await tx.query<{ place: string; live: string | null; rebuilt: string | null }>('', text);
      for (const { place, live, rebuilt } of rows)
        found.push({ where: place, live: live ?? 'nothing', rebuilt: rebuilt ?? 'nothing' });
    }
    return found;
  }

  /** The rebuilt tables become the live ones, under the names that the migrations gave to tables, keys and indexes. */
  async swap(tx: Transaction): Promise<void> {
    for (const name of live.names) {
      const names = await this.#indexNames(tx, name);
      await tx.execute('', `drop table ${live.of(name)}`);
      await tx.execute('', `alter table ${rebuilt.of(name)} rename to ${live.of(name)}`);
      for (const [from, to] of names) await tx.execute('', `alter index ${from} rename to ${to}`);
    }
    await tx.execute('', 'alter sequence fact_rebuild_id_seq rename to fact_id_seq');
  }

  /** Which index of the rebuilt table is which of the live one: they have the same definition. */
  async #indexNames(tx: Transaction, table: (typeof live.names)[number]): Promise<Map<string, string>> {
    const indexes = async (tables: Tables) => {
      const rows = await tx.query<{ name: string; definition: string }>(
        '',
        `select c.relname as name, substring(pg_get_indexdef(c.oid) from ' USING .*') as definition
         from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = $1::regclass`,
        [tables.of(table)],
      );
      return new Map(rows.map(({ name, definition }) => [definition, name]));
    };
    const [before, after] = [await indexes(live), await indexes(rebuilt)];
    return new Map([...after].map(([definition, name]) => [name, before.get(definition) ?? name]));
  }

  private async run(text: string): Promise<void> {
    await this.database.execute({ name: '', text });
  }
}

const ahead = `from fact_rebuild r left join ticket_progress p using (ticket_id)
  where r.sequence > coalesce(p.last_sequence, 0)`;

/** Everything of a fact but its place in the table, as one number; sums of these are equal where the rows are. */
const hash = (row: string) =>
  `sum(hashtextextended(concat_ws('|', ${['measure', 'at', 'weight', 'backlog_change', 'bin', 'sequence', 'milliseconds', 'ticket_id', 'reply_id', 'one_touch', 'transferred', 'channel', 'account', 'team', 'agent', 'category', 'priority', 'organization', 'segment'].map((name) => `${row}.${name}`).join(', ')}), 0)::numeric)`;

function differences(live: string, rebuilt: string): string {
  return `select place, l.found as live, r.found as rebuilt from (${live}) l full join (${rebuilt}) r using (place)
    where l.found is distinct from r.found order by place limit ${mostDifferences}`;
}

const ofFacts = (row: string) =>
  `select 'facts of measure ' || ${row}.measure || ' on ' || ${row}.at::date as place,
    count(*) || ' rows, sum ' || ${hash(row)} as found`;
const comparedFacts = differences(
  `${ofFacts('f')} from fact f group by f.measure, f.at::date`,
  `${ofFacts('r')} from fact_rebuild r join ticket_progress p using (ticket_id) where r.sequence <= p.last_sequence
    group by r.measure, r.at::date`,
);

const ofFeedback = (row: string) =>
  `select 'feedback of ' || ${row}.channel || ' ' || ${row}.account || ' on ' || ${row}.at::date as place,
    count(*) || ' events, ' || count(*) filter (where ${row}.automatic) || ' automatic' as found`;
const groupedFeedback = (row: string) => `group by ${row}.channel, ${row}.account, ${row}.at::date`;
const comparedFeedback = differences(
  `${ofFeedback('f')} from feedback f ${groupedFeedback('f')}`,
  `${ofFeedback('r')} from feedback_rebuild r join feedback f using (event_id) ${groupedFeedback('r')}`,
);

/** The log holds all that was counted, so the rebuilt tables never lag behind. */
const comparedProgress = `select 'ticket ' || ticket_id as place, 'fact ' || p.last_sequence as live,
    'fact ' || r.last_sequence as rebuilt
  from ticket_progress p left join ticket_progress_rebuild r using (ticket_id)
  where p.last_sequence > coalesce(r.last_sequence, 0) order by ticket_id limit ${mostDifferences}`;

/** Cells of quarters in which both have counted the same rows; those of days and zones are sums of them. */
const numbers = `concat_ws(' ', ${counters.join(', ')})`;
const ofCells = (table: string) =>
  `select 'cell ' || dimension_set || ' ' || bucket || ' ' || first || ' ' || second as place, ${numbers} as found
   from ${table} where (${counters.map((name) => `${name} <> 0`).join(' or ')}) and bucket not in (
     select date_bin('15 minutes', r.at, 'epoch') ${ahead}
     union select date_bin('15 minutes', r.at, 'epoch') from feedback_rebuild r left join feedback f using (event_id)
       where f.event_id is null)`;
const comparedCells = differences(ofCells('quarter_cell'), ofCells('quarter_cell_rebuild'));
