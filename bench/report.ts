import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSigningKey, keyRing, TokenIssuer } from '#auth';
import { closeDataSource, createDataSource, Database, runMigrations } from '#postgres';
import { DayStarts } from '../apps/reporting/src/domain/day-starts.js';
import { Increments } from '../apps/reporting/src/domain/increments.js';
import { ReplyLedger } from '../apps/reporting/src/domain/reply-ledger.js';
import { FactRepository } from '../apps/reporting/src/store/fact.repository.js';
import { migrations } from '../apps/reporting/src/store/migrations/migrations.js';
import { RollupRepository } from '../apps/reporting/src/store/rollup.repository.js';
import { Tables } from '../apps/reporting/src/store/tables.js';
import { freePort } from '../tools/platform/index.js';
import { percentiles } from './harness/figures.js';
import { rss } from './harness/machine.js';
import type { NodeProcess } from './harness/node-process.js';
import type { Report } from './harness/report.js';
import { factsOfTicket } from './harness/ticket-facts.js';
import { Workspace } from './harness/workspace.js';

const days = 90;
const dayMs = 86_400_000;
const small = 50_000;
const large = 1_000_000;
const rounds = 150;
const metrics =
  'tickets_opened,tickets_resolved,backlog,first_response_time,resolution_time,one_touch_rate,reopen_rate';

/** Seven metrics by day and channel over 90 days, with 50,000 and with 1,000,000 tickets; then an export of a million rows. */
export async function report(report: Report): Promise<void> {
  const workspace = await Workspace.create();
  const tokens = await issueTokens();
  try {
    const begin = Math.floor(Date.now() / dayMs - days) * dayMs;
    const sides = [];
    for (const tickets of [small, large]) {
      const url = await workspace.databaseUrl('reporting', `report_${tickets}`);
      const startedAt = performance.now();
      const rows = await fill(url, tickets, begin);
      report.figure(`rows behind ${tickets} tickets`, rows);
      report.figure(`${tickets} tickets filled in`, (performance.now() - startedAt) / 1000, 's');
      sides.push(await start(workspace, url, tokens));
    }
    const [few, many] = sides as [Side, Side];
    const zone = `from=${iso(begin)}&to=${iso(begin + days * dayMs)}&tz=UTC`;
    const question = `/api/v1/reports?metrics=${metrics}&groupBy=channel&granularity=day&${zone}`;
    for (let round = 0; round < 30; round++) for (const side of sides) await ask(side, question);
    const taken = new Map(sides.map((side) => [side, [] as number[]]));
    for (let round = 0; round < rounds; round++) {
      for (const side of sides) taken.get(side)?.push(await ask(side, question));
    }
    const [fewTaken, manyTaken] = [few, many].map((side) => percentiles(taken.get(side) ?? []));
    report.figure('50,000 tickets, p50', fewTaken!.p50, 'ms');
    report.figure('50,000 tickets, p95', fewTaken!.p95, 'ms');
    report.figure('1,000,000 tickets, p50', manyTaken!.p50, 'ms');
    report.atMost('1,000,000 tickets, p95', 100, manyTaken!.p95, 'ms');
    report.atMost('1,000,000 against 50,000 tickets, ratio of p50', 1.5, manyTaken!.p50 / fewTaken!.p50);
    await measureExport(report, many, `/api/v1/reports/export?format=csv&metrics=tickets_opened&${zone}`);
  } finally {
    tokens.close();
    await workspace.close();
  }
}

const iso = (at: number) => new Date(at).toISOString();

interface Side {
  readonly url: string;
  readonly process: NodeProcess;
  readonly token: string;
}

async function start(workspace: Workspace, databaseUrl: string, tokens: Tokens): Promise<Side> {
  const port = await freePort();
  const process = workspace.start('reporting', { PORT: String(port), DATABASE_URL: databaseUrl, JWKS_URL: tokens.url });
  const url = `http://127.0.0.1:${port}`;
  await process.untilReady(url);
  return { url, process, token: await tokens.issue() };
}

/** Milliseconds until the whole answer has been read. */
async function ask({ url, token }: Side, question: string): Promise<number> {
  const startedAt = performance.now();
  const answer = await fetch(url + question, { headers: { authorization: `Bearer ${token}` } });
  const { rows } = (await answer.json()) as { rows?: unknown[] };
  if (rows === undefined || rows.length < days) throw new Error(`the report answered ${answer.status}`);
  return performance.now() - startedAt;
}

async function measureExport(report: Report, { url, token, process }: Side, path: string): Promise<void> {
  const before = rss(process.pid);
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, rss(process.pid));
  }, 50);
  const startedAt = performance.now();
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
  let lines = -1;
  for await (const chunk of answer.body ?? []) for (const byte of chunk as Uint8Array) if (byte === 10) lines += 1;
  clearInterval(watch);
  const seconds = (performance.now() - startedAt) / 1000;
  report.figure('rows exported', lines);
  report.figure('export', lines / seconds, 'rows/s');
  report.equals('every row was exported', large, lines);
  report.atMost('memory that an export of 1,000,000 rows adds', 50, peak - before, 'MB');
}

/** Fills a schema as the consumer does, with larger batches. */
async function fill(url: string, tickets: number, begin: number): Promise<number> {
  await runMigrations({ url, schema: 'reporting', migrations });
  const dataSource = await createDataSource({
    url,
    schema: 'reporting',
    applicationName: 'fill',
    statementTimeoutMs: 0,
  });
  const database = new Database(dataSource);
  const [facts, rollups] = [new FactRepository(new Tables()), new RollupRepository(new Tables())];
  const zones = ['Asia/Ho_Chi_Minh', 'UTC'];
  await database.execute({ name: '', text: 'insert into report_zone select unnest($1::text[])', values: [zones] });
  const dayStarts = zones.map((zone) => new DayStarts(zone));
  const perDay = Math.ceil(tickets / days);
  let rows = 0;
  for (let first = 0; first < tickets; first += perDay) {
    const increments = new Increments();
    const replies = new ReplyLedger([]);
    const numbers = Array.from({ length: Math.min(perDay, tickets - first) }, (_, n) => first + n);
    const ofDay = numbers
      .flatMap((n) => factsOfTicket(n, begin + Math.floor((n * days * dayMs) / tickets)))
      .flatMap((fact) => replies.fold(fact));
    for (const row of ofDay) increments.addFact(row);
    for (let start = 0; start < ofDay.length; start += 5_000) {
      await database.transaction((tx) => facts.insert(tx, ofDay.slice(start, start + 5_000)));
    }
    await database.transaction((tx) => rollups.add(tx, increments, dayStarts));
    rows += ofDay.length;
  }
  await database.execute({ name: '', text: 'vacuum analyze' });
  await closeDataSource(dataSource);
  return rows;
}

type Tokens = Awaited<ReturnType<typeof issueTokens>>;

async function issueTokens() {
  const key = await createSigningKey(new Date());
  const options = { issuer: 'phanhoi', audience: 'phanhoi', signingKey: async () => key, lifetimeSeconds: 3_600 };
  const issuer = new TokenIssuer(options);
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(keyRing([key], new Date()).published));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    issue: async () => (await issuer.issue({ accountId: 'bench', role: 'analyst', name: 'Bench' })).accessToken,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
