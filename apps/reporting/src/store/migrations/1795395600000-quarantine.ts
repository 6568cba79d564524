import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Quarantine1795395600000 implements MigrationInterface {
  name = 'Quarantine1795395600000';

  async up(runner: QueryRunner): Promise<void> {
    // Two apps that refuse the same record each have a letter of the same id.
    await runner.query(`create table dead_letter (
      id uuid not null,
      app text not null,
      at timestamptz not null,
      reason text not null,
      step text not null,
      channel text,
      account text,
      topic text,
      letter json not null,
      primary key (id, app)
    )`);
    await runner.query('create index dead_letter_at on dead_letter (at, id, app)');
    await runner.query(`create table dead_letter_resolution (
      id uuid primary key,
      at timestamptz not null,
      resolution text not null,
      resolved_by text not null,
      reason text
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table dead_letter_resolution, dead_letter');
  }
}
