import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Reachability1795700000000 implements MigrationInterface {
  name = 'Reachability1795700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE reachability (
        identity_id uuid NOT NULL,
        channel text NOT NULL,
        state text NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT reachability_pkey PRIMARY KEY (identity_id, channel)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE reachability');
  }
}
