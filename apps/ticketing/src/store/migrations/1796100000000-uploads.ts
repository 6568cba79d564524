import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Uploads1796100000000 implements MigrationInterface {
  name = 'Uploads1796100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE uploads (
        id uuid CONSTRAINT uploads_pkey PRIMARY KEY,
        account_id uuid NOT NULL CONSTRAINT uploads_account_id REFERENCES accounts ON DELETE CASCADE,
        attachment json NOT NULL,
        created_at timestamptz NOT NULL
      );
      CREATE INDEX uploads_created ON uploads (created_at);
      CREATE INDEX uploads_account ON uploads (account_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE uploads');
  }
}
