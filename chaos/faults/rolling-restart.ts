import { setTimeout as delay } from 'node:timers/promises';
import { topics } from '#contracts';
import { readTopic } from '#kafka';
import { createLogger } from '#observability';
import { spread } from '../../bench/harness/figures.js';
import type { Report } from '../../bench/harness/report.js';
import { ApiLoad } from '../harness/api-load.js';
import { Balancer } from '../harness/balancer.js';
import { checkInvariants } from '../harness/invariants.js';
import type { KeptService } from '../harness/kept-service.js';
import { RedeliveryWatch } from '../harness/redelivery-watch.js';
import { Traffic } from '../harness/traffic.js';
import { type ServiceName, World } from '../harness/world.js';

const names = ['web-form-intake', 'email-intake', 'ticketing', 'reporting'] as const;
const formsPerSecond = 20;
const mailsPerSecond = 3;

/** F16: SIGTERM under load, one replica of every service after the other, as a rolling update does it. */
export async function f16(report: Report): Promise<void> {
  const graceful = { SHUTDOWN_GRACE_MS: '2000' };
  const world = await World.create({ env: Object.fromEntries(names.map((name) => [name, graceful])) });
  const balancers = new Map<ServiceName, Balancer>();
  let redelivered: RedeliveryWatch | undefined;
  try {
    const second = new Map<ServiceName, KeptService>();
    await Promise.all(names.map(async (name) => second.set(name, await world.addReplica(name))));
    const replicas = (name: ServiceName) => [world.service(name), second.get(name)].filter((one) => one !== undefined);
    for (const name of names) balancers.set(name, await Balancer.start(replicas(name).map(({ url }) => url)));
    const front = (name: ServiceName) => balancers.get(name)?.url ?? '';

    redelivered = new RedeliveryWatch([...replicas('ticketing'), ...replicas('reporting')].map(({ url }) => url));
    const reads = new ApiLoad([
      { url: `${front('ticketing')}/api/v1/tickets?limit=20`, token: await world.token('agent') },
      { url: `${front('reporting')}/api/v1/metrics`, token: await world.token('analyst') },
    ]);
    const traffic = Traffic.start({
      ...world.entrances,
      formUrl: () => front('web-form-intake'),
      formsPerSecond,
      mailsPerSecond,
    });
    const exits: string[] = [];
    const stops: number[] = [];
    const owed = await traffic
      .around(async () => {
        // One after the other: four that start at once take two cores away from those that serve.
        for (const name of names) {
          for (const replica of replicas(name)) {
            const stoppedAt = performance.now();
            exits.push(await terminate(replica));
            stops.push((performance.now() - stoppedAt) / 1000);
            await replica.ready();
            const seconds = (performance.now() - stoppedAt) / 1000;
            report.say(`${name} ready again after ${seconds.toFixed(1)} s, answers so far ${countsOf(traffic)}`);
            await delay(500);
          }
        }
      })
      .finally(() => reads.stop());
    report.spread('SIGTERM to exit', spread(stops), 's');
    report.equals('exit codes', Array(8).fill('0').join(' '), exits.join(' '));
    report.figure('reads made meanwhile', reads.answers);
    report.figure('answers to forms (0: none within 10 s)', countsOf(traffic));
    const broken = [...balancers].flatMap(([name, { failures }]) => failures.map((what) => `${name}: ${what}`));
    for (const what of new Set(broken)) report.say(what);
    report.equals('requests that failed on their way to a replica', 0, broken.length);
    const refused = [...traffic.forms.answers].reduce((sum, [status, n]) => sum + (status === 202 ? 0 : n), 0);
    report.equals('forms not answered with 202', 0, refused);
    report.equals('reads not answered with 200', 0, reads.failures);
    await checkInvariants(world, report, owed);
    const again = (await redelivered.stop()) - 2 * (await repeatedOnTheLog(world));
    report.atMost('feedbacks delivered again per restart', formsPerSecond + mailsPerSecond, again / 4);
  } finally {
    await redelivered?.stop();
    await Promise.all([...balancers.values()].map((balancer) => balancer.close()));
    await world.close();
  }
}

const countsOf = (traffic: Traffic) => JSON.stringify([...traffic.forms.answers]);

/** The exit code of a replica that is asked to stop; it is started again at once. */
async function terminate(replica: KeptService): Promise<string> {
  const { process } = replica;
  process.signal('SIGTERM');
  return String(await process.exitCode());
}

/** Feedbacks that intakes published twice: that is no redelivery. */
async function repeatedOnTheLog(world: World): Promise<number> {
  const seen = new Set<string>();
  const logger = createLogger('chaos', 'error');
  const records = await readTopic(
    { brokers: world.brokers, clientId: 'chaos', logger },
    { topic: topics.feedbackReceived, onRecord: ({ headers }) => void seen.add(headers.ce_id ?? '') },
  );
  return records - seen.size;
}
