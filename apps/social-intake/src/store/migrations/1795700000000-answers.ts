import type { MigrationInterface, QueryRunner } from 'typeorm';
import { outboundTable, outboxTable, tokenPairTable } from '#postgres';

export class Answers1795700000000 implements MigrationInterface {
  readonly name = 'Answers1795700000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(outboxTable);
    await queryRunner.query(outboundTable);
    // Who claimed a reply: a process that starts again under the same name knows that it no longer sends it.
    await queryRunner.query(`alter table outbound add column claimed_by text`);
    await queryRunner.query(`create index outbound_uncertain on outbound (updated_at) where state = 'uncertain'`);
    // Where an echo may be one of ours whose id nobody has told us yet.
    await queryRunner.query(
      `create index outbound_unsettled on outbound ((payload->>'account')) where state in ('sending', 'uncertain')`,
    );
    await queryRunner.query(tokenPairTable);
    // Echoes that may be of an answer whose sending has not been told yet: judged once they match, or a minute later.
    await queryRunner.query(`create table unmatched_echo (
      account text not null,
      sha256 text not null,
      body bytea not null,
      received_at timestamptz not null,
      received_via text not null,
      judge_at timestamptz not null default clock_timestamp() + interval '60 seconds',
      primary key (account, sha256)
    )`);
    await queryRunner.query(`create index unmatched_echo_received on unmatched_echo (received_at)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table unmatched_echo, token_pair, outbound, outbox');
  }
}
