import { setTimeout as delay } from 'node:timers/promises';
import { spread } from '../../bench/harness/figures.js';
import type { Report } from '../../bench/harness/report.js';
import type { Flow } from '../harness/flow.js';
import { checkInvariants } from '../harness/invariants.js';
import { NetworkWorld } from '../harness/network-world.js';
import { Traffic } from '../harness/traffic.js';
import { waitUntil } from '../harness/wait-until.js';
import { type ServiceName, World } from '../harness/world.js';

const random = (from: number, to: number) => from + Math.random() * (to - from);

/** Kills one service `times` times at random moments in mid-load, each time after it is ready again. */
async function killRepeatedly(world: World, name: ServiceName, times: number): Promise<void> {
  const service = world.service(name);
  for (let kill = 0; kill < times; kill++) {
    await delay(random(200, 1_500));
    service.kill();
    await delay(100);
    await service.ready();
  }
}

function recoveryBar(report: Report, world: World, name: ServiceName, seconds: number): void {
  const { recoveries } = world.service(name);
  report.spread(`${name}: seconds from kill to ready`, spread(recoveries.map((ms) => ms / 1000)), 's');
  report.atMost(`${name}: slowest recovery`, seconds, Math.max(...recoveries) / 1000, 's');
}

/** Kills each of these intakes twenty times in mid-load; `bars` are the seconds after which it must take traffic again. */
async function killIntakes(
  report: Report,
  { world, flow }: { readonly world: World; readonly flow: Flow },
  bars: Readonly<Partial<Record<ServiceName, number>>>,
): Promise<void> {
  const intakes = Object.entries(bars) as [ServiceName, number][];
  const owed = await flow.around(async () => {
    for (const [name] of intakes) await killRepeatedly(world, name, 20);
  });
  for (const [name, seconds] of intakes) recoveryBar(report, world, name, seconds);
  await checkInvariants(world, report, owed);
}

/** F1: each intake killed twenty times in mid-load. */
export async function f1(report: Report): Promise<void> {
  const world = await World.create();
  try {
    const flow = Traffic.start(world.entrances);
    await killIntakes(report, { world, flow }, { 'web-form-intake': 3, 'email-intake': 8 });
  } finally {
    await world.close();
  }
}

/** F1 of telephone and networks. What a provider does not bring again it must not have brought in vain. */
export async function f1Networks(report: Report): Promise<void> {
  const stage = await NetworkWorld.create();
  try {
    const flow = stage.customers(60);
    await killIntakes(report, { world: stage.world, flow }, { 'phone-intake': 3, 'social-intake': 3 });
    report.equals('webhooks that a provider gave up', 0, flow.givenUp.size);
  } finally {
    await stage.close();
  }
}

/** Lets a failpoint kill its services until each has died `deaths` times, then lets them live. */
async function dieAgainAndAgain(report: Report, failpoint: string, names: readonly ServiceName[]): Promise<void> {
  const settings = { FAILPOINT: failpoint };
  const world = await World.create({ env: Object.fromEntries(names.map((name) => [name, settings])) });
  try {
    const died = (name: ServiceName) => world.service(name).recoveries.length;
    const owed = await Traffic.start(world.entrances).around(async () => {
      await waitUntil(`${deaths} deaths each`, () => names.every((name) => died(name) >= deaths), {
        timeoutMs: 180_000,
      });
      settings.FAILPOINT = '';
    });
    for (const name of names) report.atLeast(`${name} died at ${failpoint}`, deaths, died(name), 'times');
    await checkInvariants(world, report, owed);
  } finally {
    await world.close();
  }
}

const deaths = 3;

/** F2: ticketing and reporting die after their SQL commit and before their offset commit, again and again. */
export const f2 = (report: Report): Promise<void> =>
  dieAgainAndAgain(report, 'after_commit:5', ['ticketing', 'reporting']);

/** F3: email-intake dies between the broker's ack and its cursor commit. */
export const f3 = (report: Report): Promise<void> => dieAgainAndAgain(report, 'mail_published:4', ['email-intake']);
