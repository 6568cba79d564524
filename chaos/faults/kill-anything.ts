import { setTimeout as delay } from 'node:timers/promises';
import { spread } from '../../bench/harness/figures.js';
import type { Report } from '../../bench/harness/report.js';
import type { Stack } from '../../tools/platform/stack.js';
import { checkInvariants } from '../harness/invariants.js';
import { StackWorld } from '../harness/stack-world.js';
import { Traffic } from '../harness/traffic.js';

const kills = 20;
const portBase = 6_200;

function pidsOf(stack: Stack): Map<string, number> {
  const services = Object.entries(stack.services).map(([name, { pid }]) => [name, pid] as const);
  return new Map([...services, ...Object.entries(stack.pids).filter(([name]) => name !== 'mail')]);
}

/** kill -9 of every process in stack.json but the mail server, each at least three times, while mails and forms flow. */
export async function killAnything(report: Report): Promise<void> {
  const world = await StackWorld.start(portBase);
  try {
    const names = [...pidsOf(await world.stack()).keys()];
    const order = Array.from(
      { length: Math.max(kills, names.length * 3) },
      (_, kill) => names[kill % names.length] ?? '',
    );
    const backAfter = new Map<string, number[]>(names.map((name) => [name, []]));
    const owed = await Traffic.start(world.entrances).around(async () => {
      for (const name of order) {
        const pid = pidsOf(await world.stack()).get(name) ?? 0;
        process.kill(pid, 'SIGKILL');
        backAfter.get(name)?.push(await untilReplaced(world, name, pid));
        await delay(500 + Math.random() * 1_500);
      }
    });
    report.figure('kills', order.length);
    for (const [name, times] of backAfter) report.spread(`${name}: seconds until it was back`, spread(times), 's');
    report.atLeast('kills of each process', 3, Math.min(...[...backAfter.values()].map((times) => times.length)));
    await checkInvariants(world, report, owed);
  } finally {
    await world.close();
  }
}

async function untilReplaced(world: StackWorld, name: string, pid: number): Promise<number> {
  const killedAt = performance.now();
  for (;;) {
    const now = pidsOf(await world.stack()).get(name);
    if (now !== undefined && now !== pid) return (performance.now() - killedAt) / 1000;
    if (performance.now() - killedAt > 60_000) throw new Error(`${name} did not come back`);
    await delay(50);
  }
}
