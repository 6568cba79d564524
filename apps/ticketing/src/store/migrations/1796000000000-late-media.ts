import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LateMedia1796000000000 implements MigrationInterface {
  name = 'LateMedia1796000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pending_edits ADD COLUMN attachments json;
      ALTER TABLE pending_edits ADD COLUMN files_only boolean NOT NULL DEFAULT false`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE pending_edits DROP COLUMN files_only; ALTER TABLE pending_edits DROP COLUMN attachments',
    );
  }
}
