import pg from 'pg';
import { Column, Entity, Index, type MigrationInterface, PrimaryGeneratedColumn, type QueryRunner } from 'typeorm';
import { closeDataSource, createDataSource, migrationDrift, runMigrations } from '#postgres';
import { type TestDatabase, testDatabase } from '#testing';

@Entity('shelf')
class Shelf {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Index('shelf_label', { unique: true })
  @Column('text')
  label: string;
  @Column('timestamptz', { default: () => 'now()' }) at: Date;
}

class MakeShelf1700000000001 implements MigrationInterface {
  name = 'MakeShelf1700000000001';
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`create table shelf (
      id uuid not null default gen_random_uuid(), label text not null, at timestamptz not null default now(),
      constraint "PK_shelf" primary key (id)
    )`);
    await queryRunner.query('create unique index shelf_label on shelf (label)');
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table shelf');
  }
}

class FillShelf1700000000002 implements MigrationInterface {
  name = 'FillShelf1700000000002';
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`insert into shelf (label) values ('first')`);
    // Long enough that the others surely arrive meanwhile.
    await queryRunner.query('select pg_sleep(0.3)');
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('delete from shelf');
  }
}

class BreakShelf1700000000003 implements MigrationInterface {
  name = 'BreakShelf1700000000003';
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table shelf add column half int');
    await queryRunner.query('select 1 / 0');
  }
  async down(): Promise<void> {
    throw new Error('never ran');
  }
}

class WidenShelf1700000000004 implements MigrationInterface {
  name = 'WidenShelf1700000000004';
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table shelf add column width int');
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table shelf drop column width');
  }
}

describe('migrations', () => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await testDatabase({ schema: 'trial', migrations: [] });
  });
  afterEach(() => db.close());

  const run = (...migrations: (new () => MigrationInterface)[]) =>
    runMigrations({ url: db.url, schema: 'trial', migrations });
  const columns = async () =>
    (
      await db.dataSource.query<{ name: string }[]>(
        `select column_name as name from information_schema.columns where table_name = 'shelf' order by ordinal_position`,
      )
    ).map(({ name }) => name);

  it('run once, in order, by whichever of several starts comes first', async () => {
    const runs = await Promise.all(
      Array.from({ length: 4 }, () => run(MakeShelf1700000000001, FillShelf1700000000002)),
    );
    expect(runs.toSorted((a, b) => b.length - a.length)).toEqual([
      ['MakeShelf1700000000001', 'FillShelf1700000000002'],
      [],
      [],
      [],
    ]);
    expect(await db.dataSource.query('select label from shelf')).toEqual([{ label: 'first' }]);
  });

  it('leave nothing of one that fails, and keep those before it', async () => {
    await expect(run(MakeShelf1700000000001, BreakShelf1700000000003)).rejects.toThrow('division by zero');
    expect(await columns()).toEqual(['id', 'label', 'at']);
    expect(await run(MakeShelf1700000000001, FillShelf1700000000002)).toEqual(['FillShelf1700000000002']);
  });

  it('step back from a table in use and come again', async () => {
    await run(MakeShelf1700000000001);
    const holder = new pg.Client({ connectionString: db.adminUrl });
    await holder.connect();
    await holder.query('begin; lock table trial.shelf in access share mode');
    const migrated = run(MakeShelf1700000000001, WidenShelf1700000000004);
    await holder.query('select pg_sleep(5.5)');
    await holder.query('commit');
    await holder.end();
    expect(await migrated).toEqual(['WidenShelf1700000000004']);
    expect(await columns()).toEqual(['id', 'label', 'at', 'width']);
  });

  describe('drift', () => {
    const drift = async () => {
      const settings = { url: db.url, schema: 'trial', applicationName: 'drift', entities: [Shelf] };
      const dataSource = await createDataSource(settings);
      try {
        return await migrationDrift(dataSource);
      } finally {
        await closeDataSource(dataSource);
      }
    };

    it('is empty when the migrations make what the entities say', async () => {
      await run(MakeShelf1700000000001);
      expect(await drift()).toEqual([]);
    });

    it('names what is missing before them', async () => {
      expect((await drift()).join('\n')).toContain('CREATE TABLE "shelf"');
    });

    it('names a column that the entities do not know', async () => {
      await run(MakeShelf1700000000001, WidenShelf1700000000004);
      expect(await drift()).toEqual([expect.stringContaining('DROP COLUMN "width"')]);
    });
  });
});
