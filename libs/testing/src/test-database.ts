import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import {
  assertTestDatabase,
  closeDataSource,
  createDataSource,
  Database,
  type DataSourceSettings,
  ensureDatabase,
  provisionService,
  runMigrations,
  testDatabaseComment,
  testDatabasePrefix,
} from '#postgres';
import { testPostgresUrl } from './infrastructure.js';
import { uniqueName } from './unique-name.js';

export interface TestDatabaseOptions {
  readonly schema: string;
  readonly migrations: NonNullable<DataSourceSettings['migrations']>;
  readonly entities?: NonNullable<DataSourceSettings['entities']>;
  /** Default 10. */
  readonly poolSize?: number;
}

export interface TestDatabase {
  /** The service's own role, with rights on its schema only. */
  readonly url: string;
  /** A superuser, same database. */
  readonly adminUrl: string;
  readonly dataSource: DataSource;
  readonly database: Database;
  /** Closes the data source and drops the database. */
  close(): Promise<void>;
}

/** Test roles are not named like real ones: roles belong to the server, and a platform may run on it beside the tests. */
const roleOf = (schema: string) => `${testDatabasePrefix}${schema}`;
const password = 'test-password';

/**
 * A database of its own for one test file, migrated: a clone of a template that each process of the test runner makes once
 * (per schema and list of migrations). Needs TEST_POSTGRES_URL.
 */
export async function testDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  const serverUrl = testPostgresUrl();
  const template = await migratedTemplate(serverUrl, options);
  const name = uniqueName(`${testDatabasePrefix}${options.schema}`);
  await asAdmin(serverUrl, async (admin) => {
    await admin.query(`create database ${name} template ${template}`);
    await markForTests(admin, name);
    const role = roleOf(options.schema);
    await admin.query(`revoke all on database ${name} from public`);
    await admin.query(`grant connect, temporary on database ${name} to ${role}`);
  });
  const adminUrl = withDatabase(serverUrl, name);
  const url = asRole(adminUrl, roleOf(options.schema));
  const dataSource = await createDataSource({
    url,
    schema: options.schema,
    applicationName: name,
    entities: options.entities ?? [],
    migrations: options.migrations,
    poolSize: options.poolSize ?? 10,
  });
  return {
    url,
    adminUrl,
    dataSource,
    database: new Database(dataSource),
    close: async () => {
      await closeDataSource(dataSource);
      await dropTestDatabase(adminUrl);
    },
  };
}

/** Drops a database that is marked for tests, whoever is connected to it. */
export async function dropTestDatabase(adminUrl: string): Promise<void> {
  await assertTestDatabase(adminUrl);
  const name = new URL(adminUrl).pathname.slice(1);
  await asAdmin(testPostgresUrl(), (admin) =>
    admin.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`),
  );
}

async function migratedTemplate(serverUrl: string, { schema, migrations }: TestDatabaseOptions): Promise<string> {
  const template = templateName(schema, migrations);
  const ready = await asAdmin(serverUrl, (admin) => isReady(admin, template));
  if (ready) return template;
  await asAdmin(serverUrl, async (admin) => {
    await dropAbandoned(admin);
    // Left half-made by a test file that failed.
    await admin.query(`drop database if exists ${template} with (force)`);
  });
  const adminUrl = await ensureDatabase(serverUrl, template);
  const url = await provisionService({ adminUrl, schema, role: roleOf(schema), password });
  await runMigrations({ url, schema, migrations });
  await asAdmin(serverUrl, (admin) => markForTests(admin, template));
  return template;
}

/** Keyed by the process, so that a template never outlives the source of its migrations. */
function templateName(schema: string, migrations: TestDatabaseOptions['migrations']): string {
  const names = Object.values(migrations).map((migration) =>
    typeof migration === 'function' ? migration.name : String(migration),
  );
  const list = createHash('sha256').update(names.join()).digest('hex').slice(0, 8);
  return `${testDatabasePrefix}template_${schema}_${list}_${process.pid}`;
}

async function isReady(admin: pg.Client, name: string): Promise<boolean> {
  const { rowCount } = await admin.query(
    `select 1 from pg_database where datname = $1 and shobj_description(oid, 'pg_database') = $2`,
    [name, commentOf()],
  );
  return rowCount === 1;
}

/** The start time tells this process from an earlier one with the same number. */
function commentOf(): string {
  return `${testDatabaseComment} pid=${process.pid} started=${Math.round(performance.timeOrigin)}`;
}

async function markForTests(admin: pg.Client, name: string): Promise<void> {
  await admin.query(`comment on database ${name} is ${pg.escapeLiteral(commentOf())}`);
}

/** Removes what test processes left behind that no longer run. */
async function dropAbandoned(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query<{ name: string; pid: string }>(
    `select datname as name, substring(shobj_description(oid, 'pg_database') from 'pid=(\\d+)') as pid
     from pg_database where starts_with(datname, $1) and shobj_description(oid, 'pg_database') like $2`,
    [testDatabasePrefix, `${testDatabaseComment}%`],
  );
  for (const { name, pid } of rows) {
    if (!isRunning(Number(pid))) await admin.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function asAdmin<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url, application_name: 'testing' });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function withDatabase(url: string, name: string): string {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}

function asRole(url: string, role: string): string {
  const address = new URL(url);
  address.username = role;
  address.password = password;
  return address.href;
}
