import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { databaseErrorCode } from './classify-error.js';
import { scramVerifier } from './scram-verifier.js';

export interface ServiceProvision {
  /** A superuser's address of the database in which the service lives. */
  readonly adminUrl: string;
  readonly schema: string;
  /** Named like the schema, by convention. */
  readonly role: string;
  /** Printable ASCII. */
  readonly password: string;
}

const extensions = ['unaccent', 'pg_trgm', 'btree_gin'];
const lockKey = 'phanhoi:provision';

/**
 * Makes a service's role and schema, its rights on nothing else, and the extensions in schema `extensions`, with
 * `extensions.f_unaccent(text)`, the immutable form of unaccent that an index needs. Idempotent, also when several run at
 * once; an existing role gets this password. Returns the address that the service connects with.
 */
export async function provisionService(provision: ServiceProvision): Promise<string> {
  const { adminUrl, role, password } = provision;
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'provision' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [lockKey]);
    for (const statement of statements(provision, client.database ?? '')) await runPatiently(client, statement);
  } finally {
    await client.end();
  }
  const url = new URL(adminUrl);
  url.username = encodeURIComponent(role);
  url.password = encodeURIComponent(password);
  return url.href;
}

/** Creates a database unless it exists; `adminUrl` names any other database of the server. Returns its admin address. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'provision' });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) {
      await client.query(`create database ${pg.escapeIdentifier(name)}`).catch((error: unknown) => {
        // Another process created it in between.
        if (!['42P04', '23505'].includes(databaseErrorCode(error) ?? '')) throw error;
      });
    }
  } finally {
    await client.end();
  }
  const url = new URL(adminUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

function statements({ schema, role, password }: ServiceProvision, database: string): string[] {
  const [roleId, schemaId, databaseId] = [role, schema, database].map(pg.escapeIdentifier);
  return [
    `do $$ begin
       if not exists (select from pg_roles where rolname = ${pg.escapeLiteral(role)}) then create role ${roleId}; end if;
     end $$`,
    `alter role ${roleId} with login nosuperuser nocreatedb nocreaterole password ${pg.escapeLiteral(scramVerifier(password))}`,
    `alter role ${roleId} set search_path = ${schemaId}, extensions`,
    'create schema if not exists extensions',
    ...extensions.map((name) => `create extension if not exists ${name} schema extensions`),
    `create or replace function extensions.f_unaccent(text) returns text
       language sql immutable parallel safe strict
       return extensions.unaccent('extensions.unaccent'::regdictionary, $1)`,
    `create schema if not exists ${schemaId} authorization ${roleId}`,
    `alter schema ${schemaId} owner to ${roleId}`,
    `revoke all on database ${databaseId} from public`,
    `grant connect, temporary on database ${databaseId} to ${roleId}`,
    'revoke all on schema public from public',
    `grant usage on schema extensions to ${roleId}`,
  ];
}

/**
 * Roles belong to the whole server, while an advisory lock belongs to one database: provisioning of another database can
 * touch the same catalogue row (XX000 "tuple concurrently updated") or create the same role (23505, 42710) meanwhile.
 */
async function runPatiently(client: pg.Client, statement: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(statement);
      return;
    } catch (error) {
      if (attempt === 20 || !['XX000', '23505', '42710'].includes(databaseErrorCode(error) ?? '')) throw error;
      await delay(Math.random() * 50 * attempt);
    }
  }
}
