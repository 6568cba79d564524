import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** What the invariants need to see of a running platform, however it was started. */
export interface Observed {
  readonly brokers: readonly string[];
  readonly reportingUrl: string | undefined;
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  token(role: 'admin' | 'supervisor' | 'agent' | 'analyst'): Promise<string>;
}

/** Asks a database once, in a connection of its own: the server may have died since the last time. */
export async function askOnce<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Asks a service that may just be coming back from a fault: a connection that nobody takes is tried again for a minute. */
export async function fetchPatiently(url: string, init: RequestInit): Promise<Response> {
  for (const deadline = Date.now() + 60_000; ; await delay(200)) {
    try {
      return await fetch(url, init);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

export async function signIn(ticketingUrl: string, email: string, password: string): Promise<string> {
  const answer = await fetchPatiently(`${ticketingUrl}/api/v1/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  if (!answer.ok) throw new Error(`no token for ${email}: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { accessToken: string }).accessToken;
}
