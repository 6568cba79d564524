import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Receipts1796000000000 implements MigrationInterface {
  readonly name = 'Receipts1796000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    // What a person has not read yet, for networks that say of a time that everything until then was.
    await queryRunner.query(
      `create index outbound_unread on outbound ((payload->'to'->>'value'), claimed_at) where state in ('sent', 'delivered')`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index outbound_unread');
  }
}
