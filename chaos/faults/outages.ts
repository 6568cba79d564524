import { setTimeout as delay } from 'node:timers/promises';
import type { Report } from '../../bench/harness/report.js';
import type { Flow } from '../harness/flow.js';
import { checkInvariants } from '../harness/invariants.js';
import { NetworkWorld } from '../harness/network-world.js';
import { Traffic } from '../harness/traffic.js';
import { type ServiceName, World } from '../harness/world.js';

function refusals(flow: Flow, accepted: readonly number[]): number {
  return [...flow.answers].reduce((sum, [status, count]) => sum + (accepted.includes(status) ? 0 : count), 0);
}

/** The broker killed in mid-load, back after 3 s and after 60 s. @param accepted answers that promise something. @param schemas whose spools must be empty in the end. */
async function withoutBroker(
  report: Report,
  { world, flow }: { readonly world: World; readonly flow: Flow },
  { accepted, schemas }: { readonly accepted: readonly number[]; readonly schemas: readonly string[] },
): Promise<void> {
  const owed = await flow.around(async () => {
    for (const seconds of [3, 60]) {
      await world.killBroker();
      await delay(seconds * 1000);
      await world.startBroker();
      await delay(8_000);
    }
  });
  report.equals(
    `requests not answered with ${accepted.join(', ')} while the broker was away`,
    0,
    refusals(flow, accepted),
  );
  report.equals('services that exited', 0, world.deaths);
  await checkInvariants(world, report, owed);
  const counts = schemas.map((schema) => `(select count(*) from ${schema}.spool)`).join(' + ');
  const [spool] = await world.sql<{ rows: string }>(`select ${counts} as rows`);
  report.equals('pairs left in the spools', 0, Number(spool?.rows));
}

/** F4 of forms and mails. */
export async function f4(report: Report): Promise<void> {
  const world = await World.create();
  try {
    const flow = Traffic.start(world.entrances);
    await withoutBroker(report, { world, flow }, { accepted: [202], schemas: ['web_form', 'email'] });
  } finally {
    await world.close();
  }
}

/** F4 of telephone and networks. */
export async function f4Networks(report: Report): Promise<void> {
  const stage = await NetworkWorld.create();
  try {
    const { world } = stage;
    const flow = stage.customers(60);
    await withoutBroker(report, { world, flow }, { accepted: [200, 204], schemas: ['phone', 'social'] });
  } finally {
    await stage.close();
  }
}

async function health(world: World, name: ServiceName): Promise<string> {
  const ask = async (kind: string) => (await fetch(`${world.service(name).url}/health/${kind}`)).status;
  return `live ${await ask('live')}, ready ${await ask('ready')}`;
}

/** F5: broker or database absent when the services start. */
export async function f5(report: Report): Promise<void> {
  const world = await World.create();
  try {
    const restartAll = async () => {
      for (const service of world.services.values()) service.kill();
      await delay(6_000);
    };
    await world.killBroker();
    await restartAll();
    for (const name of world.services.keys()) {
      report.equals(`${name} started without a broker`, 'live 200, ready 200', await health(world, name));
    }
    await world.startBroker();
    await world.killPostgres();
    await restartAll();
    for (const name of world.services.keys()) {
      const ready = name.endsWith('-intake') ? 200 : 503;
      report.equals(`${name} started without a database`, `live 200, ready ${ready}`, await health(world, name));
    }
    await world.killBroker();
    await restartAll();
    for (const name of ['web-form-intake', 'email-intake'] as const) {
      report.equals(`${name} started without both`, 'live 200, ready 503', await health(world, name));
    }
    await Promise.all([world.startBroker(), world.startPostgres()]);
    const startedAt = performance.now();
    await Promise.all([...world.services.values()].map((service) => service.ready()));
    report.figure('ready after both came', (performance.now() - startedAt) / 1000, 's');
    await checkInvariants(world, report, await Traffic.start(world.entrances).around(() => delay(2_000)));
  } finally {
    await world.close();
  }
}

/** F6: Postgres dies five times in mid-batch. */
export async function f6(report: Report): Promise<void> {
  const world = await World.create();
  try {
    const resumes: number[] = [];
    const traffic = Traffic.start(world.entrances);
    const owed = await traffic.around(async () => {
      for (let time = 0; time < 5; time++) {
        await delay(2_000);
        await world.killPostgres();
        await delay(1_000);
        await world.startPostgres();
        const backAt = performance.now();
        const before = await inboxRows(world);
        while ((await inboxRows(world)) === before) await delay(50);
        resumes.push((performance.now() - backAt) / 1000);
      }
    });
    report.atMost('slowest resumption after Postgres is back', 10, Math.max(...resumes), 's');
    report.equals('services that exited', 0, world.deaths);
    await checkInvariants(world, report, owed);
  } finally {
    await world.close();
  }
}

async function inboxRows(world: World): Promise<number> {
  const [row] = await world.sql<{ count: string }>('select count(*) from ticketing.inbox');
  return Number(row?.count);
}

/** F7: broker and Postgres both away: nothing may be acknowledged. */
export async function f7(report: Report): Promise<void> {
  const world = await World.create();
  try {
    const traffic = Traffic.start(world.entrances);
    const owed = await traffic.around(async () => {
      await Promise.all([world.killBroker(), world.killPostgres()]);
      await delay(5_000);
      const acknowledgedBefore = traffic.forms.acknowledged.ids.length;
      const answer = await fetch(`${world.service('web-form-intake').url}/api/v1/feedback`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ message: 'Có ai ở đó không?' }),
      });
      report.equals('answer while both are away', 503, answer.status);
      report.atLeast('Retry-After', 1, Number(answer.headers.get('retry-after')), 's');
      await delay(3_000);
      report.equals('acknowledged while both are away', 0, traffic.forms.acknowledged.ids.length - acknowledgedBefore);
      await Promise.all([world.startBroker(), world.startPostgres()]);
      await delay(5_000);
    });
    report.equals('services that exited', 0, world.deaths);
    report.equals('answers other than 202 and 503', 0, refusals(traffic, [202, 503]));
    await checkInvariants(world, report, owed);
  } finally {
    await world.close();
  }
}
