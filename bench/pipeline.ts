import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { DataSource } from 'typeorm';
import { topicDefinitions } from '#contracts';
import { ensureTopics } from '#kafka';
import { createLogger } from '#observability';
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
  const workspace = await Workspace.create();
  try {
    await writeFile(join(workspace.dir, 'channels.yaml'), channels);
    const ours: Measured[] = [];
    const stock: Measured[] = [];
    for (let round = 1; round <= rounds; round++) {
      stock.push(await stockRound(workspace, `stock_${round}`));
      report.say(`round ${round} stock: ${stock.at(-1)?.perSecond.toFixed(0)} events/s`);
      ours.push(await ourRound(workspace, `ours_${round}`));
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
    await together(workspace, report);
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

async function freshTopics(workspace: Workspace): Promise<void> {
  const brokers = [...workspace.kafka.brokers];
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topics = topicDefinitions(['ticketing', 'reporting', 'email-intake']);
  const names = topics.map(({ name }) => name);
  const present = async () => (await admin.listTopics()).filter((name) => names.includes(name));
  const old = await present();
  if (old.length > 0) await admin.deleteTopics({ topics: old });
  // Deletion goes on behind the answer; a client that sees half of it stops with an unknown topic.
  while ((await present()).length > 0) await delay(100);
  await deleteGroups(admin);
  await ensureTopics({ brokers, clientId: 'bench', logger: createLogger('bench', 'error') }, topics, {
    replication: 1,
  });
  await delay(1_000);
  await admin.disconnect();
}

/** A consumer that did not say goodbye keeps its group until its session has run out. */
async function deleteGroups(admin: Admin): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { groups } = await admin.listGroups();
    if (groups.length === 0) return;
    try {
      await admin.deleteGroups(groups.map(({ groupId }) => groupId));
      return;
    } catch (error) {
      if (attempt === 60) throw error;
      await delay(1_000);
    }
  }
}

async function measure(program: NodeProcess, events: number, drain: Promise<Drain>): Promise<Measured> {
  const before = program.cpuSeconds();
  const result = await program.during(drain);
  return {
    ...result,
    cpuPerThousand: ((program.cpuSeconds() - before) / events) * 1000,
    peakRss: program.peakRss(),
  };
}

async function stockRound(workspace: Workspace, database: string): Promise<Measured> {
  await freshTopics(workspace);
  await publishBacklog(workspace.kafka.brokers, mailBacklog(stockSlice));
  const url = await workspace.databaseUrl('ticketing', database);
  const schema = await new DataSource({ type: 'postgres', url, entities, migrations }).initialize();
  await schema.runMigrations();
  await schema.destroy();
  const program = workspace.run('stock-consumer', 'dist/bench/baseline/stock-consumer.js', {
    DATABASE_URL: url,
    KAFKA_BROKERS: workspace.kafka.brokers.join(','),
  });
  const measured = await measure(program, stockSlice, followDrain(url, inboxCount, stockSlice, { timeoutMs: 120_000 }));
  await program.stop();
  return measured;
}

async function startTicketing(workspace: Workspace, databaseUrl: string): Promise<NodeProcess> {
  return workspace.start('ticketing', {
    PORT: String(await freePort()),
    DATABASE_URL: databaseUrl,
    ACKNOWLEDGEMENT_BRAKE_PER_MINUTE: '100000000',
  });
}

async function ourRound(workspace: Workspace, database: string): Promise<Measured> {
  await freshTopics(workspace);
  await publishBacklog(workspace.kafka.brokers, mailBacklog(backlog));
  const url = await workspace.databaseUrl('ticketing', database);
  const program = await startTicketing(workspace, url);
  const measured = await measure(program, backlog, followDrain(url, inboxCount, backlog, { timeoutMs: 120_000 }));
  await program.stop();
  return measured;
}

/** Both consumers on a fresh backlog at once: reports must not fall behind the tickets that they count. */
async function together(workspace: Workspace, report: Report): Promise<void> {
  await freshTopics(workspace);
  await publishBacklog(workspace.kafka.brokers, mailBacklog(backlog));
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
  await reporting.during(followDrain(reportingUrl, 'select count(*) from facts where opened = 1', want, options));
  const reportingSeconds = (performance.now() - start) / 1000;
  report.figure('together: ticketing drains the backlog in', ticketingSeconds, 's');
  report.figure('together: reporting has counted all of it after', reportingSeconds, 's');
  report.atMost('reporting against ticketing, together', 1.3, reportingSeconds / ticketingSeconds, 'times');
  await Promise.all([ticketing.stop(), reporting.stop()]);
}

async function countOnce(url: string, sql: string): Promise<number> {
  const source = await new DataSource({ type: 'postgres', url }).initialize();
  const [row] = await source.query<[{ count: string }]>(sql);
  await source.destroy();
  return Number(row.count);
}
