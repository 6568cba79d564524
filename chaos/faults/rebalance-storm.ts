import { setTimeout as delay } from 'node:timers/promises';
import type { Report } from '../../bench/harness/report.js';
import { groupGenerations, rebalancesSince } from '../harness/group-generations.js';
import { checkInvariants } from '../harness/invariants.js';
import { ProgressWatch } from '../harness/progress-watch.js';
import { StoredWatch } from '../harness/stored-watch.js';
import { Traffic } from '../harness/traffic.js';
import { type ServiceName, World } from '../harness/world.js';

const stormSeconds = 60;
const zombieSeconds = 40;
const consumers = ['ticketing', 'reporting'] as const satisfies readonly ServiceName[];

/** F11: members join and leave for 60 s; then one of each group is frozen for 40 s, longer than its session, and wakes up. */
export async function f11(report: Report): Promise<void> {
  const world = await World.create();
  try {
    let watch = new StoredWatch(world);
    const onForm = (id: string) => watch.sent(id);
    const traffic = Traffic.start({ ...world.entrances, formsPerSecond: 20, mailsPerSecond: 3, onForm });
    const owed = await traffic.around(
      async () => {
        watch = new StoredWatch(world);
        const before = await groupGenerations(world.brokers);
        const restless = await watched(world, report, 'members come and go', () => storm(world));
        const after = await groupGenerations(world.brokers);
        report.figure('members that came and went', restless);
        report.atLeast('rebalances in the storm', 10, rebalancesSince(before, after));
        const zombies = await Promise.all(consumers.map((name) => world.addReplica(name)));
        // Long enough to have partitions, and batches in hand.
        await delay(5_000);
        await watched(world, report, 'members are frozen and wake up', async () => {
          for (const { process } of zombies) process.signal('SIGSTOP');
          await delay(zombieSeconds * 1000);
          for (const { process } of zombies) process.signal('SIGCONT');
          await delay(10_000);
        });
        await Promise.all(zombies.map((zombie) => zombie.ready()));
        // A frozen member holds its partitions until its session of 9 s is over.
        report.figure(
          'slowest form from 202 to ticket, frozen members included',
          Math.max(...watch.delays) / 1000,
          's',
        );
      },
      { beforeMs: 12_000 },
    );
    report.equals('services that exited by themselves', 0, world.deaths);
    await checkInvariants(world, report, owed);
  } finally {
    await world.close();
  }
}

/** Replicas of both consumers start and stop, one after the other in each group, side by side; answers how many. */
async function storm(world: World): Promise<number> {
  const until = Date.now() + stormSeconds * 1000;
  const restless = async (name: ServiceName) => {
    let members = 0;
    for (; Date.now() < until; members++) {
      const member = await world.addReplica(name);
      await delay(1_000);
      await member.stop();
    }
    return members;
  };
  const counts = await Promise.all(consumers.map(restless));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Progress of both consumers while something happens. */
async function watched<Result>(
  world: World,
  report: Report,
  what: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const tickets = new ProgressWatch(world, 'select count(*) from ticketing.inbox');
  const facts = new ProgressWatch(world, 'select count(*) from reporting.feedback');
  try {
    return await work();
  } finally {
    report.atMost(`tickets stood still while ${what}`, 10, await tickets.stop(), 's');
    report.atMost(`reports stood still while ${what}`, 10, await facts.stop(), 's');
  }
}
