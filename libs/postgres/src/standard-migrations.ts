import type { MigrationInterface, QueryRunner } from 'typeorm';
import { lateMediaTable, outboundPace } from './tables.js';

/** The migration by which a queue of answers gets its pace; each app's has a name of its own. */
export abstract class PaceOfSending implements MigrationInterface {
  abstract readonly name: string;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(outboundPace);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`drop table outbound_pace`);
    await queryRunner.query(`alter table outbound drop column account`);
  }
}

/** The migration by which an intake asks again for files that were not there; each app's has a name of its own. */
export abstract class LateMediaTable implements MigrationInterface {
  abstract readonly name: string;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(lateMediaTable);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table late_media');
  }
}
