import type { MigrationInterface, QueryRunner } from 'typeorm';
import { leaseTable, spoolTable } from '#postgres';

export class SpoolAndUpdates1795392000000 implements MigrationInterface {
  readonly name = 'SpoolAndUpdates1795392000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(spoolTable);
    await queryRunner.query(leaseTable);
    await queryRunner.query(`create table update_seen (
      account text not null,
      update_id bigint not null,
      seen_at timestamptz not null default clock_timestamp(),
      gap_reported boolean not null default false,
      primary key (account, update_id)
    )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table update_seen');
    await queryRunner.query('drop table lease');
    await queryRunner.query('drop table spool');
  }
}
