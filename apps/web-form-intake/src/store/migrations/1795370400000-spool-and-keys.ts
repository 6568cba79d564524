import type { MigrationInterface, QueryRunner } from 'typeorm';
import { leaseTable, spoolTable } from '#postgres';

export class SpoolAndKeys1795370400000 implements MigrationInterface {
  readonly name = 'SpoolAndKeys1795370400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(spoolTable);
    await queryRunner.query(leaseTable);
    await queryRunner.query(`create table idempotency_key (
      form text not null,
      key text not null,
      body_sha256 text not null,
      accepted boolean not null default false,
      created_at timestamptz not null default clock_timestamp(),
      primary key (form, key)
    )`);
    await queryRunner.query('create index idempotency_key_age on idempotency_key (created_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table idempotency_key');
    await queryRunner.query('drop table lease');
    await queryRunner.query('drop table spool');
  }
}
