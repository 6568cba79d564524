import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Calls1795700200000 implements MigrationInterface {
  name = 'Calls1795700200000';

  /** The index finds the same call from another source; partial, so that other messages pay nothing. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE messages ADD COLUMN call json;
      CREATE INDEX messages_calls ON messages ((call ->> 'to'), occurred_at) WHERE kind = 'call'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX messages_calls; ALTER TABLE messages DROP COLUMN call');
  }
}
