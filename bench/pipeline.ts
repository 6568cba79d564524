import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { measureCodes } from '../apps/reporting/src/domain/fact-row.js';
import { entities } from '../apps/ticketing/src/store/entities.js';
import { migrations } from '../apps/ticketing/src/store/migrations/migrations.js';
import { freePort } from '../tools/platform/index.js';
import { mailBacklog, publishBacklog } from './harness/backlog.js';
import { type Drain, followDrain } from './harness/drain.js';
import { spread } from './harness/figures.js';
import type { NodeProcess } from './harness/node-process.js';
import type { Report } from './harness/report.js';
import { Workspace } from './harness/workspace.js';

const rounds = 5;
const backlog = 50_000;
const stockSlice = 3_000;
const inboxCount = 'select count(*) from inbox';

interface Measured extends Drain {
  readonly cpuPerThousand: number;
  readonly peakRss: number;
}

/** A backlog on the log → tickets in Postgres, acknowledgements on, against the stock consumer that writes the same rows. */
export async function pipeline(report: Report): Promise<void> {
  const ours: Measured[] = [];
  const stock: Measured[] = [];
  for (let round = 1; round <= rounds; round++) {
    stock.push(await freshly(stockSlice, stockRound));
    report.say(`round ${round} stock: ${stock.at(-1)?.perSecond.toFixed(0)} events/s`);
    ours.push(await freshly(backlog, ourRound));
    report.say(`round ${round} ours: ${ours.at(-1)?.perSecond.toFixed(0)} events/s`);
  }
  for (const [name, runs] of [
    ['stock', stock],
    ['ours', ours],
  ] as const) {
    report.spread(`${name}: events per second`, spread(runs.map((run) => run.perSecond)), '/s');
    report.spread(`${name}: CPU seconds per 1,000 events`, spread(runs.map((run) => run.cpuPerThousand)), 's');
    report.spread(`${name}: peak RSS`, spread(runs.map((run) => run.peakRss)), 'MiB');
  }
  const median = (runs: readonly Measured[]) => spread(runs.map((run) => run.perSecond)).median;
  report.atLeast('ours against the stock consumer', 25, median(ours) / median(stock), 'times');
  report.atLeast('ours: events per second', 5_000, median(ours), '/s');
  await freshly(backlog, (workspace) => together(workspace, report));
}

/** A broker with a backlog of `events`, an empty database, and nothing of the round before. */
async function freshly<Result>(events: number, measureIn: (workspace: Workspace) => Promise<Result>): Promise<Result> {
  const workspace = await Workspace.create();
  try {
    await writeFile(join(workspace.dir, 'channels.yaml'), channels);
    await publishBacklog(workspace.kafka.brokers, mailBacklog(events));
    return await measureIn(workspace);
  } finally {
    await workspace.close();
  }
}

const channels = `accounts:
  - id: support
    channel: email
    provider: imap
    address: support@phanhoi.example
    credentials: { user: support, password: none }
`;

async function measure(program: NodeProcess, events: number, drain: Promise<Drain>): Promise<Measured> {
  const before = program.cpuSeconds();
  const result = await program.during(drain);
  return {
    ...result,
    cpuPerThousand: ((program.cpuSeconds() - before) / events) * 1000,
    peakRss: program.peakRss(),
  };
}

async function stockRound(workspace: Workspace): Promise<Measured> {
  const url = await workspace.databaseUrl('ticketing', 'stock');
  const schema = await new DataSource({ type: 'postgres', url, entities, migrations }).initialize();
  await schema.runMigrations();
  await schema.destroy();
  const program = workspace.run('stock-consumer', 'dist/bench/baseline/stock-consumer.js', {
    DATABASE_URL: url,
    KAFKA_BROKERS: workspace.kafka.brokers.join(','),
  });
  return measure(program, stockSlice, followDrain(url, inboxCount, stockSlice, { timeoutMs: 120_000 }));
}

async function startTicketing(workspace: Workspace, databaseUrl: string): Promise<NodeProcess> {
  return workspace.start('ticketing', {
    PORT: String(await freePort()),
    DATABASE_URL: databaseUrl,
    ACKNOWLEDGEMENT_BRAKE_PER_MINUTE: '100000000',
  });
}

async function ourRound(workspace: Workspace): Promise<Measured> {
  const url = await workspace.databaseUrl('ticketing', 'ours');
  const program = await startTicketing(workspace, url);
  return measure(program, backlog, followDrain(url, inboxCount, backlog, { timeoutMs: 120_000 }));
}

/** Both consumers on a fresh backlog at once: reports must not fall behind the tickets that they count. */
async function together(workspace: Workspace, report: Report): Promise<void> {
  const ticketingUrl = await workspace.databaseUrl('ticketing', 'together');
  const reportingUrl = await workspace.databaseUrl('reporting', 'together');
  const start = performance.now();
  const ticketing = await startTicketing(workspace, ticketingUrl);
  const reporting = workspace.start('reporting', { PORT: String(await freePort()), DATABASE_URL: reportingUrl });
  const options = { timeoutMs: 240_000 };
  await ticketing.during(followDrain(ticketingUrl, inboxCount, backlog, options));
  const ticketingSeconds = (performance.now() - start) / 1000;
  await ticketing.during(
    followDrain(ticketingUrl, 'select case when count(*) = 0 then 1 else 0 end as count from outbox', 1, options),
  );
  const opened = `select coalesce(sum(1), 0) as count from tickets`;
  const want = await ticketing.during(countOnce(ticketingUrl, opened));
  const counted = `select count(*) from fact where measure = ${measureCodes.opened}`;
  await reporting.during(followDrain(reportingUrl, counted, want, options));
  const reportingSeconds = (performance.now() - start) / 1000;
  report.figure('together: ticketing drains the backlog in', ticketingSeconds, 's');
  report.figure('together: reporting has counted all of it after', reportingSeconds, 's');
  report.atMost('reporting against ticketing, together', 1.3, reportingSeconds / ticketingSeconds, 'times');
}

async function countOnce(url: string, sql: string): Promise<number> {
  const source = await new DataSource({ type: 'postgres', url }).initialize();
  const [row] = await source.query<[{ count: string }]>(sql);
  await source.destroy();
  return Number(row.count);
}
