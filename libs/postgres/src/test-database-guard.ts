import pg from 'pg';

/** Databases of tests are named like this, or carry a comment that starts with `testDatabaseComment`. */
export const testDatabasePrefix = 'phtest_';
export const testDatabaseComment = 'phanhoi test database';

/** Before anything that empties, drops or kills: throws unless the address is that of a database made for tests. */
export async function assertTestDatabase(url: string): Promise<void> {
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  if (name.startsWith(testDatabasePrefix)) return;
  const client = new pg.Client({ connectionString: url, application_name: 'test-database-guard' });
  await client.connect();
  try {
    const { rows } = await client.query<{ comment: string | null }>(
      `select shobj_description(oid, 'pg_database') as comment from pg_database where datname = current_database()`,
    );
    if (rows[0]?.comment?.startsWith(testDatabaseComment)) return;
  } finally {
    await client.end();
  }
  throw new Error(
    `database "${name}" is not marked for tests: its name must start with ${testDatabasePrefix} or its comment with "${testDatabaseComment}"`,
  );
}
