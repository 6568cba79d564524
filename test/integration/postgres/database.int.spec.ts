import type { MigrationInterface, QueryRunner } from 'typeorm';
import { inboxTable, leaseTable, outboundTable, outboxTable, spoolTable } from '#postgres';
import { testDatabase, type TestDatabase } from '#testing';

class Standard1700000000000 implements MigrationInterface {
  name = 'Standard1700000000000';
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of [inboxTable, outboxTable, spoolTable, leaseTable, outboundTable])
      await queryRunner.query(table);
  }
  async down(): Promise<void> {}
}

describe('smoke', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase({ schema: 'trial', migrations: [Standard1700000000000] });
  });
  afterAll(() => db.close());

  it('works', async () => {
    expect(await db.database.ping()).toBe(true);
    const rows = await db.database.transaction((tx) =>
      tx.query('x', 'select current_schema() as schema, count(*) from inbox'),
    );
    expect(rows).toEqual([{ schema: 'trial', count: '0' }]);
  });
});
