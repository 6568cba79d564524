import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Accounts1795381200000 implements MigrationInterface {
  name = 'Accounts1795381200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(readFileSync(join(import.meta.dirname, 'accounts.sql'), 'utf8'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE refresh_tokens, accounts, signing_keys, api_secrets, login_throttle;
      DROP INDEX tickets_created, tickets_updated, tickets_channel, tickets_priority, tickets_category, customers_created;`);
  }
}
