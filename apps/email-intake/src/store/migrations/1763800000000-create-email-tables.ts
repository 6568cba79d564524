import type { MigrationInterface, QueryRunner } from 'typeorm';
import { leaseTable, outboundTable, outboxTable, spoolTable } from '#postgres';

export class CreateEmailTables1763800000000 implements MigrationInterface {
  readonly name = 'CreateEmailTables1763800000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of [outboxTable, spoolTable, leaseTable, outboundTable]) await queryRunner.query(table);
    // Who claimed a reply: a process that starts again under the same name knows that it no longer sends it.
    await queryRunner.query(`alter table outbound add column claimed_by text`);
    await queryRunner.query(`create index outbound_uncertain on outbound (updated_at) where state = 'uncertain'`);
    await queryRunner.query(`
      create table mailbox (
        account text not null,
        folder text not null check (folder in ('inbox', 'sent')),
        uid_validity bigint,
        last_uid bigint not null default 0,
        -- Of a first scan or a rescan: only mails since this day, those up to this UID count as backfill.
        scan_since timestamptz,
        backfill_until bigint not null default 0,
        last_internal_date timestamptz,
        state text not null default 'waiting',
        last_error text,
        server_uid_next bigint,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp(),
        primary key (account, folder)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`drop table mailbox, outbound, lease, spool, outbox`);
  }
}
