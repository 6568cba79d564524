import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#postgres';
import type { AppCount, LedgerRun, ReconciledSpan } from '../domain/ledger-fold.js';
import type { CutOff, LedgerSum } from '../domain/ledger.js';
import { type Column, given, namesOf, transpose } from './columns.js';
import { quartersOf } from './ledger-counts.js';

const fields = [
  'received',
  'published',
  'spooled',
  'refused',
  'quarantined',
  'noted',
  'read',
  'stored',
  'duplicate',
  'dropped',
] as const;

const countColumns: Column<AppCount>[] = [
  { name: 'minute', type: 'timestamptz', of: ({ minute }) => minute },
  { name: 'source', type: 'text', of: ({ source }) => source },
  { name: 'app', type: 'text', of: ({ app }) => app },
  ...fields.map((name): Column<AppCount> => ({ name, type: 'bigint', of: (count) => count[name] ?? 0 })),
];

/** As JSON, since a list of lists of different lengths is no array to PostgreSQL. */
const runColumns: Column<LedgerRun>[] = [
  { name: 'run', type: 'uuid', of: ({ run }) => run },
  { name: 'app', type: 'text', of: ({ app }) => app },
  { name: 'instance', type: 'text', of: ({ instance }) => instance },
  { name: 'started_at', type: 'timestamptz', of: ({ startedAt }) => startedAt },
  { name: 'until', type: 'timestamptz', of: ({ until }) => until },
  { name: 'sequence', type: 'integer', of: ({ sequence }) => sequence },
  { name: 'is_intake', type: 'boolean', of: ({ isIntake }) => isIntake },
  { name: 'has_ended', type: 'boolean', of: ({ hasEnded }) => hasEnded },
  { name: 'sources', type: 'jsonb', of: ({ sources }) => JSON.stringify(sources) },
  { name: 'settlements', type: 'jsonb', of: ({ settlements }) => JSON.stringify(settlements) },
];

const spanColumns: Column<ReconciledSpan>[] = [
  { name: 'source', type: 'text', of: ({ source }) => source },
  { name: 'span_from', type: 'timestamptz', of: ({ from }) => from },
  { name: 'span_to', type: 'timestamptz', of: ({ to }) => to },
  { name: 'fetched', type: 'bigint', of: ({ fetched }) => fetched },
];

/** A run is held to be dead when it has missed its sign of life, a minute, twice. */
const silence = '150 seconds';
const keptFor = '400 days';

@Injectable()
export class LedgerRepository {
  constructor(private readonly database: Database) {}

  /** Locks the runs, the new ones too, and gives the sequence of the last record folded of each. */
  async lockRuns(tx: Transaction, runs: readonly string[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ run: string; sequence: number }>(
      'ledger_runs_lock',
      'select run, sequence from ledger_run where run = any($1::uuid[]) order by run for update',
      [[...new Set(runs)].sort()],
    );
    return new Map(rows.map(({ run, sequence }) => [run, sequence]));
  }

  /** False: somebody else has folded records of one of them meanwhile. */
  async saveRuns(tx: Transaction, runs: readonly LedgerRun[]): Promise<boolean> {
    if (runs.length === 0) return true;
    const saved = await tx.execute(
      'ledger_runs_save',
      `insert into ledger_run (${namesOf(runColumns)})
       select run, app, instance, started_at, until, sequence, is_intake, has_ended,
              array(select jsonb_array_elements_text(sources)), array(select jsonb_array_elements_text(settlements))
       from ${given(runColumns)}
       on conflict (run) do update set until = excluded.until, sequence = excluded.sequence, has_ended = excluded.has_ended,
         sources = case when cardinality(excluded.sources) > 0 then excluded.sources else ledger_run.sources end,
         settlements = case when cardinality(excluded.sources) > 0 then excluded.settlements else ledger_run.settlements end
       where excluded.sequence > ledger_run.sequence`,
      transpose(runColumns, runs),
    );
    return saved === runs.length;
  }

  async addCounts(tx: Transaction, counts: readonly AppCount[]): Promise<void> {
    if (counts.length === 0) return;
    await tx.execute(
      'ledger_counts_add',
      `insert into ledger_count (${namesOf(countColumns)}) select * from ${given(countColumns)}
       on conflict (minute, source, app) do update set
         ${fields.map((name) => `${name} = ledger_count.${name} + excluded.${name}`).join(', ')}`,
      transpose(countColumns, counts),
    );
    await tx.execute(
      'ledger_quarters_add',
      `insert into ledger_quarter (quarter, source, app, began, ended) ${quartersOf(given(countColumns))}
       on conflict (quarter, source, app) do update set
         began = ledger_quarter.began + excluded.began, ended = ledger_quarter.ended + excluded.ended`,
      transpose(countColumns, counts),
    );
  }

  async addSpans(tx: Transaction, spans: readonly ReconciledSpan[]): Promise<void> {
    if (spans.length === 0) return;
    await tx.execute(
      'ledger_spans_add',
      `insert into ledger_reconciled (${namesOf(spanColumns)}) select * from ${given(spanColumns)}
       on conflict (source, span_from) do update set
         span_to = greatest(ledger_reconciled.span_to, excluded.span_to),
         fetched = ledger_reconciled.fetched + excluded.fetched`,
      transpose(spanColumns, spans),
    );
  }

  /** What is older than the topic keeps it. */
  async removeOld(): Promise<void> {
    await this.database.query({
      name: 'ledger_remove_old',
      text: `with counts as (delete from ledger_count where minute < now() - interval '${keptFor}'),
             quarters as (delete from ledger_quarter where quarter < now() - interval '${keptFor}')
             delete from ledger_run where until < now() - interval '${keptFor}'`,
      values: [],
    });
  }

  async sums(from: Date, to: Date, source: string | null): Promise<LedgerSum[]> {
    const rows = await this.database.query<Record<string, string>>({
      name: 'ledger_sums',
      text: `select source, app, ${fields.map((name) => `sum(${name}) as ${name}`).join(', ')} from ledger_count
             where minute >= $1 and minute < $2 and ($3::text is null or source = $3) group by source, app`,
      values: [from, to, source],
    });
    return rows.map((row) => ({
      ...(Object.fromEntries(fields.map((name) => [name, Number(row[name])])) as Record<
        (typeof fields)[number],
        number
      >),
      source: row.source ?? '',
      app: row.app ?? '',
    }));
  }

  /**
   * The windows, by source, between the last word of a run that did not end well and the start of the next under its name. Another replica asks the
   * provider once the run is held to be dead, and what it says stays true when that name comes back later.
   */
  async cutOffs(from: Date, to: Date, source: string | null): Promise<CutOff[]> {
    const rows = await this.database.query<Omit<CutOff, 'from' | 'to'> & { from: Date; to: Date }>({
      name: 'ledger_cut_offs',
      text: `with intake as (
               select *, lead(started_at) over (partition by app, instance order by started_at) as successor
               from ledger_run where is_intake and until >= $1::timestamptz - interval '1 day'),
             cut_off as (
               select intake.*, coalesce(greatest(successor, until), until + interval '${silence}') as gone_until from intake
               where not has_ended and (successor is not null or until < now() - interval '${silence}'))
             select listened.source, listened.settled_by as "settledBy", app, instance, until as "from", gone_until as "to",
                    exists (select from ledger_reconciled where ledger_reconciled.source = listened.source
                            and span_from <= until
                            and span_to >= least(gone_until, until + interval '${silence}')) as "isReconciled"
             from cut_off, unnest(sources, settlements) as listened (source, settled_by)
             where until < $2 and gone_until >= $1 and ($3::text is null or listened.source = $3)
             order by until, listened.source`,
      values: [from, to, source],
    });
    return rows.map((row) => ({ ...row, from: row.from.toISOString(), to: row.to.toISOString() }));
  }
}
