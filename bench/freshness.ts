import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../tools/platform/index.js';
import { percentiles } from './harness/figures.js';
import type { NodeProcess } from './harness/node-process.js';
import type { Report } from './harness/report.js';
import { Workspace } from './harness/workspace.js';

const perSecond = 200;
const seconds = 30;
const lookEveryMs = 40;
const password = randomBytes(16).toString('hex');

/** 200 forms a second: how long from the 202 until the ticket API, and until the report, shows it. */
export async function freshness(report: Report): Promise<void> {
  const workspace = await Workspace.create();
  try {
    await writeFile(
      join(workspace.dir, 'channels.yaml'),
      'accounts:\n  - id: default\n    channel: web_form\n    provider: form\n    options: { title: { vi: Góp ý, en: Feedback } }\n',
    );
    const urls = await startServices(workspace);
    const token = await untilToken(urls.ticketing);
    await warmUp(urls['web-form-intake']);
    const accepted: { reference: string; at: number }[] = [];
    const seenTicket = new Map<string, number>();
    const reported: { count: number; at: number }[] = [];
    const base = await reportedCount(urls.reporting, token);
    let looking = true;
    const lookers = [
      everyLook(
        () => looking,
        async () => noteTickets(urls.ticketing, token, seenTicket),
      ),
      everyLook(
        () => looking,
        async () => {
          reported.push({ count: (await reportedCount(urls.reporting, token)) - base, at: performance.now() });
        },
      ),
    ];
    await sendForms(urls['web-form-intake'], accepted);
    await untilSeen(
      () =>
        accepted.every(({ reference }) => seenTicket.has(reference)) &&
        (reported.at(-1)?.count ?? 0) >= accepted.length,
    );
    looking = false;
    await Promise.all(lookers);
    conclude(report, accepted, seenTicket, reported);
  } finally {
    await workspace.close();
  }
}

type Urls = Record<'web-form-intake' | 'ticketing' | 'reporting', string>;

async function startServices(workspace: Workspace): Promise<Urls> {
  const ports = { ticketing: await freePort(), reporting: await freePort(), 'web-form-intake': await freePort() };
  const url = (port: number) => `http://127.0.0.1:${port}`;
  const started: NodeProcess[] = [];
  for (const [name, port] of Object.entries(ports) as [keyof Urls, number][]) {
    const env = {
      PORT: String(port),
      DATABASE_URL: await workspace.databaseUrl(name, 'bench'),
      JWKS_URL: `${url(ports.ticketing)}/.well-known/jwks.json`,
      BOOTSTRAP_ACCOUNTS: JSON.stringify([{ role: 'admin', name: 'Bench', email: 'admin@phanhoi.example', password }]),
      RATE_LIMIT_REQUESTS: '100000000',
      ACKNOWLEDGEMENT_BRAKE_PER_MINUTE: '100000000',
    };
    started.push(workspace.start(name, env));
  }
  return {
    'web-form-intake': url(ports['web-form-intake']),
    ticketing: url(ports.ticketing),
    reporting: url(ports.reporting),
  };
}

async function untilToken(ticketing: string): Promise<string> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const answer = await fetch(`${ticketing}/api/v1/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'admin@phanhoi.example', password }),
    }).catch((error: unknown) => error);
    if (answer instanceof Response && answer.ok) return ((await answer.json()) as { accessToken: string }).accessToken;
    await delay(100);
  }
  throw new Error('ticketing gave no token');
}

async function postForm(url: string, number: number): Promise<string | undefined> {
  const answer = await fetch(`${url}/api/v1/feedback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: `Khách ${number}`, message: `Phản ánh số ${number}: đường truyền chập chờn.` }),
  });
  return answer.status === 202 ? ((await answer.json()) as { reference: string }).reference : undefined;
}

async function warmUp(url: string): Promise<void> {
  for (let number = 0; number < 400; number++) await postForm(url, number);
  await delay(3_000);
}

async function sendForms(url: string, accepted: { reference: string; at: number }[]): Promise<void> {
  const startedAt = performance.now();
  const open: Promise<void>[] = [];
  for (let number = 0; number < perSecond * seconds; number++) {
    const wait = startedAt + (number * 1000) / perSecond - performance.now();
    if (wait > 0) await delay(wait);
    open.push(
      postForm(url, number).then((reference) => {
        if (reference !== undefined) accepted.push({ reference, at: performance.now() });
      }),
    );
  }
  await Promise.all(open);
}

async function getJson<Body>(url: string, token: string): Promise<Body> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Body;
}

async function noteTickets(ticketing: string, token: string, seen: Map<string, number>): Promise<void> {
  const { items } = await getJson<{ items: { reference: string }[] }>(
    `${ticketing}/api/v1/tickets?sort=-number&limit=100`,
    token,
  );
  const now = performance.now();
  for (const { reference } of items) if (!seen.has(reference)) seen.set(reference, now);
}

async function reportedCount(reporting: string, token: string): Promise<number> {
  const day = 86_400_000;
  const from = new Date(Date.now() - day).toISOString().slice(0, 10);
  const to = new Date(Date.now() + 2 * day).toISOString().slice(0, 10);
  const query = `metrics=tickets_opened&granularity=day&from=${from}&to=${to}&tz=UTC`;
  const { totals } = await getJson<{ totals: { tickets_opened: number } }>(
    `${reporting}/api/v1/reports?${query}`,
    token,
  );
  return totals.tickets_opened;
}

async function everyLook(goesOn: () => boolean, look: () => Promise<void>): Promise<void> {
  while (goesOn()) {
    await look();
    await delay(lookEveryMs);
  }
}

async function untilSeen(everything: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!everything() && Date.now() < deadline) await delay(50);
}

function conclude(
  report: Report,
  accepted: readonly { reference: string; at: number }[],
  seenTicket: ReadonlyMap<string, number>,
  reported: readonly { count: number; at: number }[],
): void {
  const tickets = accepted.map(({ reference, at }) => Math.max(0, (seenTicket.get(reference) ?? Infinity) - at));
  // The report names no single form: the n-th accepted one is in it once it counts n.
  const byTime = accepted.map(({ at }) => at).sort((a, b) => a - b);
  const reports = byTime.map((at, index) => (reported.find(({ count }) => count > index)?.at ?? Infinity) - at);
  const inTicket = percentiles(tickets);
  const inReport = percentiles(reports);
  report.figure('forms accepted', accepted.length);
  report.figure('202 → visible in the ticket API, p50', inTicket.p50, 'ms');
  report.figure('202 → counted in the report, p50', inReport.p50, 'ms');
  report.atLeast('forms accepted per second', perSecond * 0.98, accepted.length / seconds, '/s');
  report.atMost('202 → visible in the ticket API, p99', 1_000, inTicket.p99, 'ms');
  report.atMost('202 → counted in the report, p99', 2_000, inReport.p99, 'ms');
}
