import type { MigrationInterface, QueryRunner } from 'typeorm';

const counts = [
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
];

export class Ledger1795392000000 implements MigrationInterface {
  name = 'Ledger1795392000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table ledger_count (
      minute timestamptz not null,
      source text not null,
      app text not null,
      ${counts.map((name) => `${name} bigint not null default 0`).join(',\n      ')},
      primary key (minute, source, app)
    ) with (fillfactor = 80)`);
    // Its sequence is the inbox of its records.
    await runner.query(`create table ledger_run (
      run uuid primary key,
      app text not null,
      instance text not null,
      started_at timestamptz not null,
      until timestamptz not null,
      sequence integer not null,
      is_intake boolean not null,
      has_ended boolean not null,
      sources text[] not null,
      settlements text[] not null
    ) with (fillfactor = 80)`);
    await runner.query('create index ledger_run_instance on ledger_run (app, instance, started_at)');
    await runner.query(`create table ledger_reconciled (
      source text not null,
      span_from timestamptz not null,
      span_to timestamptz not null,
      fetched bigint not null,
      primary key (source, span_from)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table ledger_reconciled, ledger_run, ledger_count');
  }
}
