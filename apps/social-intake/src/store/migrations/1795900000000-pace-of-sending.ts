import type { MigrationInterface, QueryRunner } from 'typeorm';
import { outboundPace } from '#postgres';

export class PaceOfSending1795900000000 implements MigrationInterface {
  readonly name = 'PaceOfSending1795900000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(outboundPace);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`drop table outbound_pace`);
    await queryRunner.query(`alter table outbound drop column account`);
  }
}
