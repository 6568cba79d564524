import pg from 'pg';
import { ensureDatabase, provisionService } from '#postgres';
import { dropTestDatabase, testPostgresUrl, uniqueName } from '#testing';

describe('provisionService', () => {
  let adminUrl: string;
  const roles: string[] = [];

  beforeAll(async () => {
    adminUrl = await ensureDatabase(testPostgresUrl(), uniqueName('phtest_provision'));
  });
  afterAll(async () => {
    await dropTestDatabase(adminUrl);
    await ask(testPostgresUrl(), roles.map((role) => `drop role ${role}`).join(';'));
  });

  async function ask(url: string, text: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  function provision(role: string, password = 'one') {
    if (!roles.includes(role)) roles.push(role);
    return provisionService({ adminUrl, schema: role, role, password });
  }

  it('makes a role that works in its own schema, with the extensions at hand', async () => {
    const url = await provision(uniqueName('phtest_role'));
    expect(
      await ask(
        url,
        `select current_schema() = current_user as at_home, f_unaccent('Đường truyền') as plain, 'a' % 'a' as alike`,
      ),
    ).toEqual([{ at_home: true, plain: 'Duong truyen', alike: true }]);
    await ask(url, 'create table t (id int, words text)');
    await ask(url, 'create index on t using gin (f_unaccent(words) gin_trgm_ops, id)');
  });

  it('is idempotent and sets the password anew', async () => {
    const role = uniqueName('phtest_role');
    const old = await provision(role, 'old');
    await ask(old, 'create table kept (id int)');
    const changed = await provision(role, 'p@ss/w:rd');
    expect(await ask(changed, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
    await expect(ask(old, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('stands several starts at once', async () => {
    const role = uniqueName('phtest_role');
    const urls = await Promise.all(Array.from({ length: 6 }, () => provision(role)));
    expect(await ask(urls[0] ?? '', 'select current_user as who')).toEqual([{ who: role }]);
  });

  it.each([
    ['read a table of another service', (other: string) => `select * from ${other}.secret`],
    ['write to it', (other: string) => `delete from ${other}.secret`],
    ['create in the schema of another', (other: string) => `create table ${other}.mine (id int)`],
    ['create in public', () => 'create table public.mine (id int)'],
    ['create in extensions', () => 'create table extensions.mine (id int)'],
    ['create a schema', () => 'create schema mine'],
    ['create a role', () => 'create role mine'],
    ['read passwords', () => 'select * from pg_authid'],
    ['read files', () => `select pg_read_file('postgresql.conf')`],
  ])('lets no service %s', async (_what, statement) => {
    const other = uniqueName('phtest_other');
    await ask(await provision(other), 'create table secret (id int)');
    const url = await provision(uniqueName('phtest_role'));
    await expect(ask(url, statement(other))).rejects.toMatchObject({ code: '42501' });
  });

  it('makes a database once, also when two ask', async () => {
    const name = uniqueName('phtest_twice');
    const urls = await Promise.all([ensureDatabase(testPostgresUrl(), name), ensureDatabase(testPostgresUrl(), name)]);
    expect(await ask(urls[1] ?? '', 'select current_database() as name')).toEqual([{ name }]);
    await dropTestDatabase(urls[0] ?? '');
  });
});
