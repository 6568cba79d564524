import pg from 'pg';
import { assertTestDatabase, ensureDatabase } from '#postgres';
import { dropTestDatabase, testDatabase, testPostgresUrl, uniqueName } from '#testing';
import { StandardTables1700000000000 } from './standard-tables.js';

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('test database', () => {
  const options = { schema: 'trial', migrations: [StandardTables1700000000000] };

  it('is a migrated clone that nobody else sees', async () => {
    const [one, two] = await Promise.all([testDatabase(options), testDatabase(options)]);
    await one.database.execute({ name: 'put', text: `insert into item values (1, 'here')` });
    const count = { name: 'count', text: 'select count(*)::int as n from item' };
    expect([await one.database.query(count), await two.database.query(count)]).toEqual([[{ n: 1 }], [{ n: 0 }]]);
    await Promise.all([one.close(), two.close()]);
    await expect(ask(one.adminUrl, 'select 1')).rejects.toMatchObject({ code: '3D000' });
  });

  it('is entered by a role with the rights of a service, not by a superuser', async () => {
    const db = await testDatabase(options);
    expect(
      await db.database.query({ name: 'who', text: 'select rolsuper from pg_roles where rolname = current_user' }),
    ).toEqual([{ rolsuper: false }]);
    await db.close();
  });
});

describe('guard', () => {
  it('refuses a database that is not marked for tests', async () => {
    await expect(assertTestDatabase(testPostgresUrl())).rejects.toThrow('"postgres" is not marked for tests');
    await expect(dropTestDatabase(testPostgresUrl())).rejects.toThrow('not marked for tests');
  });

  it('takes the name or the comment for a mark', async () => {
    const name = uniqueName('marked_by_comment');
    const url = await ensureDatabase(testPostgresUrl(), name);
    await expect(assertTestDatabase(url)).rejects.toThrow('not marked for tests');
    await ask(url, `comment on database ${name} is 'phanhoi test database, by hand'`);
    await assertTestDatabase(url);
    await assertTestDatabase(testPostgresUrl().replace(/\/postgres$/, '/phtest_never_made'));
    await dropTestDatabase(url);
  });
});
