import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Attachments1795384800000 implements MigrationInterface {
  name = 'Attachments1795384800000';

  /** From stored bytes to the messages that carry them. Partial: a message without attachments pays nothing. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE INDEX messages_attachments ON messages USING gin ((attachments::jsonb) jsonb_path_ops) WHERE attachments IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX messages_attachments');
  }
}
