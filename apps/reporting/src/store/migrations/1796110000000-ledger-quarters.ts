import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A year of minutes is too much to be read for one number. */
export class LedgerQuarters1796110000000 implements MigrationInterface {
  name = 'LedgerQuarters1796110000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table ledger_quarter (
      quarter timestamptz not null,
      source text not null,
      app text not null,
      began bigint not null default 0,
      ended bigint not null default 0,
      primary key (quarter, source, app)
    ) with (fillfactor = 80)`);
    await runner.query(`insert into ledger_quarter
      select date_bin('15 minutes', minute, 'epoch'), source, app, sum(received + read),
             sum(published + spooled + refused + quarantined + noted + stored + duplicate + dropped)
      from ledger_count group by 1, 2, 3`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table ledger_quarter');
  }
}
