import type { MigrationInterface, QueryRunner } from 'typeorm';
import { presenceTable } from './tables.js';

/** The migration by which an intake learns of its runs that were killed; each app's has a name of its own. */
export abstract class PresenceOfRuns implements MigrationInterface {
  abstract readonly name: string;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(presenceTable);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`drop table intake_presence`);
  }
}
