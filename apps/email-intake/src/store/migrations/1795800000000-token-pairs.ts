import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tokenPairTable } from '#postgres';

export class TokenPairs1795800000000 implements MigrationInterface {
  readonly name = 'TokenPairs1795800000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(tokenPairTable);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table token_pair');
  }
}
