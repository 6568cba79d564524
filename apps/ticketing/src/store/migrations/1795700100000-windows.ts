import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Windows1795700100000 implements MigrationInterface {
  name = 'Windows1795700100000';

  /** Partial: tickets of mail and forms, which have no window, pay nothing. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE tickets ADD COLUMN window_closes_at timestamptz;
      CREATE INDEX tickets_window ON tickets (window_closes_at, number) WHERE window_closes_at IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX tickets_window; ALTER TABLE tickets DROP COLUMN window_closes_at');
  }
}
