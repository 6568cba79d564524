import { setTimeout as delay } from 'node:timers/promises';
import { topics } from '#contracts';
import { TcpProxy } from '#testing';
import { percentiles } from '../../bench/harness/figures.js';
import type { Report } from '../../bench/harness/report.js';
import { groupGenerations, rebalancesSince } from '../harness/group-generations.js';
import { checkInvariants } from '../harness/invariants.js';
import { readMetric } from '../harness/metric.js';
import { Traffic } from '../harness/traffic.js';
import { waitUntil } from '../harness/wait-until.js';
import { World } from '../harness/world.js';

const formsPerSecond = 20;
const mailsPerSecond = 3;
const lockedSeconds = 45;
const lateSeconds = 30;
/** A chunk is late on its way there and on its way back: 500 ms an answer. */
const lateMsEachWay = 250;

/** F8: tables of the consumers locked for 45 s, then a database that answers 500 ms late. */
export async function f8(report: Report): Promise<void> {
  let proxy: TcpProxy | undefined;
  const world = await World.create({
    between: async ({ postgres }) => {
      proxy = await TcpProxy.start({ target: postgres });
      return { postgres: { host: '127.0.0.1', port: proxy.port } };
    },
  });
  try {
    const traffic = Traffic.start({ ...world.entrances, formsPerSecond, mailsPerSecond });
    const { delays } = traffic.forms;
    const during = async (work: () => Promise<void>) => {
      const first = delays.length;
      await work();
      return percentiles(delays.slice(first));
    };
    const owed = await traffic.around(
      async () => {
        const before = await groupGenerations(world.brokers);
        report.figure('groups of consumers', before.size);
        const calm = await during(() => delay(15_000));
        const locked = await during(() => lockTables(world, report));
        report.figure('stored again after the lock', (await untilStored(world)) / 1000, 's');
        if (proxy !== undefined) proxy.delayMs = lateMsEachWay;
        const late = await during(() => delay(lateSeconds * 1000));
        if (proxy !== undefined) proxy.delayMs = 0;
        report.figure('stored again after the lateness', (await untilStored(world)) / 1000, 's');
        report.equals('rebalances', 0, rebalancesSince(before, await groupGenerations(world.brokers)));
        report.figure('form in calm: p50', calm.p50, 'ms');
        report.figure('form in calm: p99', calm.p99, 'ms');
        // A form that waited for the database would wait for half a second and more.
        for (const [what, { p50, p99 }] of [
          ['tables are locked', locked],
          ['the database is late', late],
        ] as const) {
          report.atMost(`form while ${what}: p50 above calm`, 20, Math.max(0, p50 - calm.p50), 'ms');
          report.atMost(`form while ${what}: p99 above calm`, 100, Math.max(0, p99 - calm.p99), 'ms');
        }
      },
      { beforeMs: 12_000 },
    );
    const refused = [...traffic.forms.answers].reduce((sum, [status, n]) => sum + (status === 202 ? 0 : n), 0);
    report.equals('forms not answered with 202', 0, refused);
    report.equals('services that exited', 0, world.deaths);
    await checkInvariants(world, report, owed);
  } finally {
    await world.close();
    await proxy?.close();
  }
}

async function lockTables(world: World, report: Report): Promise<void> {
  const locked = world.sql(`do $$ begin
    lock table ticketing.messages, reporting.feedback in access exclusive mode;
    perform pg_sleep(${lockedSeconds});
  end $$`);
  // What was under way before the lock was had.
  await delay(2_000);
  const before = await storedCount(world);
  await delay((lockedSeconds - 4) * 1000);
  report.atMost('stored behind the lock', 0, (await storedCount(world)) - before);
  for (const name of ['ticketing', 'reporting'] as const) {
    const labels = { topic: topics.feedbackReceived, class: 'transient' };
    const retries = await readMetric(world.service(name).url, 'phanhoi_kafka_consumer_retries_total', labels);
    report.atLeast(`${name}: batches tried again`, 1, retries ?? 0);
  }
  await locked;
}

/** Milliseconds until a form that comes now is on a ticket. */
async function untilStored(world: World): Promise<number> {
  const answer = await fetch(`${world.service('web-form-intake').url}/api/v1/feedback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'Đã có mạng lại chưa?' }),
  });
  const { id } = (await answer.json()) as { id: string };
  return await waitUntil(
    'the form on a ticket',
    async () => (await world.sql('select from ticketing.messages where id = $1', [id])).length === 1,
    { timeoutMs: 120_000 },
  );
}

async function storedCount(world: World): Promise<number> {
  const [row] = await world.sql<{ count: string }>('select count(*) from ticketing.inbox');
  return Number(row?.count);
}
