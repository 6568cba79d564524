import type { MigrationInterface, QueryRunner } from 'typeorm';
import { leaseTable, outboundTable, outboxTable, spoolTable } from '#postgres';

export class CreatePhoneTables1795600000000 implements MigrationInterface {
  readonly name = 'CreatePhoneTables1795600000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of [outboxTable, spoolTable, leaseTable, outboundTable]) await queryRunner.query(table);
    // Who claimed a reply: a process that starts again under the same name knows that it no longer sends it.
    await queryRunner.query(`alter table outbound add column claimed_by text`);
    await queryRunner.query(`create index outbound_uncertain on outbound (updated_at) where state = 'uncertain'`);
    // Every word once, however often it is delivered: an old STOP that comes again does not undo a later START.
    await queryRunner.query(`
      create table consent_word (
        event_id uuid primary key,
        position bigint generated always as identity,
        number text not null,
        word text not null check (word in ('stop', 'start')),
        at timestamptz not null
      )`);
    await queryRunner.query(`create index consent_word_number on consent_word (number, position desc)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`drop table consent_word, outbound, lease, spool, outbox`);
  }
}
