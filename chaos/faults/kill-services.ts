import { setTimeout as delay } from 'node:timers/promises';
import { spread } from '../../bench/harness/figures.js';
import type { Report } from '../../bench/harness/report.js';
import { checkInvariants } from '../harness/invariants.js';
import { Traffic } from '../harness/traffic.js';
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

/** F1: each intake killed twenty times in mid-load. */
export async function f1(report: Report): Promise<void> {
  const world = await World.create();
  try {
    const owed = await Traffic.start(world.entrances).around(async () => {
      await killRepeatedly(world, 'web-form-intake', 20);
      await killRepeatedly(world, 'email-intake', 20);
    });
    recoveryBar(report, world, 'web-form-intake', 3);
    recoveryBar(report, world, 'email-intake', 8);
    await checkInvariants(world, report, owed);
  } finally {
    await world.close();
  }
}

/** F2: ticketing and reporting die after their SQL commit and before their offset commit, again and again. */
export async function f2(report: Report): Promise<void> {
  const FAILPOINT = 'after_commit:5';
  const world = await World.create({ env: { ticketing: { FAILPOINT }, reporting: { FAILPOINT } } });
  try {
    const owed = await Traffic.start(world.entrances).around(() => delay(25_000));
    const died = (name: ServiceName) => world.service(name).recoveries.length;
    report.atLeast('ticketing died between commit and offset', 3, died('ticketing'), 'times');
    report.atLeast('reporting died between commit and offset', 3, died('reporting'), 'times');
    await checkInvariants(world, report, owed);
  } finally {
    await world.close();
  }
}

/** F3: email-intake dies between the broker's ack and its cursor commit. */
export async function f3(report: Report): Promise<void> {
  const world = await World.create({ env: { 'email-intake': { FAILPOINT: 'mail_published:4' } } });
  try {
    const owed = await Traffic.start(world.entrances).around(() => delay(25_000));
    const died = world.service('email-intake').recoveries.length;
    report.atLeast('email-intake died between ack and cursor', 3, died, 'times');
    await checkInvariants(world, report, owed);
  } finally {
    await world.close();
  }
}
