import { setTimeout as delay } from 'node:timers/promises';
import { feedbackReceivedMessage, partitionFor, topicDefinitions, topics } from '#contracts';
import { ensureTopics } from '#kafka';
import { createLogger } from '#observability';
import { aFeedback } from '#testing';
import type { Report } from '../../bench/harness/report.js';
import { administer, committedOffset, configureTopic, nextOffset } from '../harness/broker-admin.js';
import { checkInvariants } from '../harness/invariants.js';
import { readDeadLetters, writeTo } from '../harness/log.js';
import { readMetric } from '../harness/metric.js';
import { StoredWatch } from '../harness/stored-watch.js';
import { waitUntil } from '../harness/wait-until.js';
import { World } from '../harness/world.js';

const dead = topics.dead('ticketing');
const group = `ticketing.${topics.feedbackReceived}`;
const behind = 20;

interface Outage {
  readonly what: string;
  readonly begin: (brokers: readonly string[]) => Promise<void>;
  readonly end: (brokers: readonly string[]) => Promise<void>;
}

const outages: readonly Outage[] = [
  {
    what: 'topic deleted',
    begin: (brokers) => administer(brokers, (admin) => admin.deleteTopics({ topics: [dead] })),
    end: async (brokers) => {
      const address = { brokers, clientId: 'chaos', logger: createLogger('chaos', 'error') };
      await ensureTopics(address, topicDefinitions(['ticketing']), { replication: 1 });
    },
  },
  {
    what: 'topic takes no letter',
    begin: (brokers) => configureTopic(brokers, dead, { 'max.message.bytes': '100' }),
    end: (brokers) => configureTopic(brokers, dead, { 'cleanup.policy': 'delete' }),
  },
];

/** F17: the quarantine topic cannot be written: the offset stays, nothing is skipped, the API serves on. */
export async function f17(report: Report): Promise<void> {
  const world = await World.create({ services: ['ticketing'] });
  try {
    const stored: string[] = [];
    for (const outage of outages) stored.push(...(await liveThrough(world, report, outage)));
    await checkInvariants(world, report, { forms: stored, deadLetters: outages.length });
  } finally {
    await world.close();
  }
}

/** Sends a poison and good events behind it while the quarantine is away; returns the ids of the good ones. */
async function liveThrough(world: World, report: Report, outage: Outage): Promise<string[]> {
  const { what } = outage;
  const { url } = world.service('ticketing');
  const lettersBefore = (await readDeadLetters(world.brokers, 'ticketing')).length;
  await outage.begin(world.brokers);
  await delay(1_000);

  const partitionKey = `behind the poison, ${what}`;
  const place = { topic: topics.feedbackReceived, partition: partitionFor(partitionKey, 12) };
  const poisonAt = await nextOffset(world.brokers, place.topic, place.partition);
  const good = Array.from({ length: behind }, () => aFeedback());
  const messages = good.map((event) => ({ ...feedbackReceivedMessage(event), partitionKey }));
  const [first] = messages;
  if (first === undefined) throw new Error('there is nothing to send');
  const watch = new StoredWatch(world);
  for (const { id } of good) watch.sent(id);
  await writeTo(world.brokers, (publish) =>
    publish([{ ...first, key: 'poison', value: Buffer.from('no JSON') }, ...messages]),
  );
  const raised = () => readMetric(url, 'phanhoi_kafka_dead_letters_unwritten', { topic: topics.feedbackReceived });
  const alertMs = await waitUntil('the alert', async () => ((await raised()) ?? 0) > 0);
  report.figure(`${what}: alert metric raised after`, alertMs / 1000, 's');

  const token = await world.token('agent');
  const failures = await failuresOfApi(url, token, 8_000);
  report.equals(`${what}: API and readiness failures in 8 s`, 0, failures);
  const committed = await committedOffset(world.brokers, group, place);
  report.atMost(`${what}: committed offset stays at the poison`, poisonAt, committed);
  report.equals(`${what}: events behind it that went on`, 0, watch.delays.length);
  report.equals(`${what}: process never exited`, 0, world.service('ticketing').recoveries.length);

  await outage.end(world.brokers);
  const recoveryMs = await watch.allStored();
  report.atMost(`${what}: everything stored after it is back`, 10, recoveryMs / 1000, 's');
  await waitUntil('the alert is off', async () => (await raised()) === 0);
  const letters = await readDeadLetters(world.brokers, 'ticketing');
  const wanted = what === 'topic deleted' ? 1 : lettersBefore + 1;
  report.equals(`${what}: letters once it is back`, wanted, letters.length);
  return good.map(({ id }) => id);
}

async function failuresOfApi(url: string, token: string, forMs: number): Promise<number> {
  let failures = 0;
  for (const until = Date.now() + forMs; Date.now() < until; ) {
    const answers = await Promise.all([
      fetch(`${url}/health/ready`),
      fetch(`${url}/api/v1/tickets?limit=5`, { headers: { authorization: `Bearer ${token}` } }),
    ]);
    failures += answers.filter(({ ok }) => !ok).length;
    await delay(200);
  }
  return failures;
}
