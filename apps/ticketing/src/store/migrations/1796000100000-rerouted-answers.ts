import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ReroutedAnswers1796000100000 implements MigrationInterface {
  name = 'ReroutedAnswers1796000100000';

  /** The index finds the ticket that a customer answers elsewhere; partial, so that other messages pay nothing. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE messages ADD COLUMN instead_of text;
      CREATE INDEX messages_rerouted ON messages (identity_id, occurred_at) WHERE instead_of IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX messages_rerouted; ALTER TABLE messages DROP COLUMN instead_of');
  }
}
