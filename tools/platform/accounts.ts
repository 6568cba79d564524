import pg from 'pg';
import { until } from './until.js';

/**
 * Waits until ticketing has written the accounts of BOOTSTRAP_ACCOUNTS, which it does behind its start. Asked of the database: trying
 * to sign in again and again would run into the brake against guessed passwords.
 */
export async function untilAccountsExist(adminUrl: string, emails: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const allThere = async () => {
      const { rowCount } = await client.query('select 1 from ticketing.accounts where email = any($1)', [emails]);
      return rowCount === emails.length;
    };
    await until(allThere, { what: 'the sign-ins to be made', timeoutMs: 60_000 });
  } finally {
    await client.end();
  }
}
