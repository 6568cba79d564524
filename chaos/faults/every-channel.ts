import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Report } from '../../bench/harness/report.js';
import { AnsweringDesk, answersAtTheirEnd, judgeAnswers } from '../harness/answering-desk.js';
import { checkInvariants } from '../harness/invariants.js';
import { untilSettled } from '../harness/ledger.js';
import { TelephoneAccounts, wordOf } from '../harness/network-world.js';
import { StackWorld } from '../harness/stack-world.js';
import { WebhookLoad } from '../harness/webhook-load.js';

const portBase = 6_400;
const wordCount = 10_000;
const peoplePerNetwork = 250;
const deliveriesPerSecond = 150;
const answersPerSecond = 3;
const killEveryMs = 5_000;

/**
 * 10,000 webhooks of nine networks, each delivered twice in random order, while a service is killed every five seconds and agents answer:
 * 10,000 messages, none doubled, the ledger settled, and no customer has an answer twice.
 */
export async function everyChannel(report: Report): Promise<void> {
  const telephones = await TelephoneAccounts.create();
  const startedAt = new Date();
  const world = await StackWorld.start(portBase, { CHANNELS_FILE: telephones.file });
  try {
    const speakers = telephones.speakers(world.known);
    const words = Array.from({ length: wordCount }, (_, number) => wordOf(speakers, number, peoplePerNetwork));
    const deliveries = shuffled([...words, ...words]);
    const load = new WebhookLoad({ next: () => deliveries.pop(), perSecond: deliveriesPerSecond });
    const desk = new AnsweringDesk({
      ticketingUrl: world.known.services.ticketing?.url ?? '',
      token: await world.token('agent'),
      perSecond: answersPerSecond,
    });
    const kills = await killingEvery(killEveryMs, world, load.done());
    await desk.stop();
    report.figure(
      'webhooks delivered',
      [...load.answers.values()].reduce((sum, count) => sum + count, 0),
    );
    report.figure('deliveries without an answer, brought again', load.answers.get(0) ?? 0);
    for (const [name, count] of kills) report.figure(`kills of ${name}`, count);
    report.equals('webhooks that a provider gave up', 0, load.givenUp.size);
    report.equals('words taken', wordCount, load.taken.size);
    await checkInvariants(world, report, load.owed);
    await checkTickets(world, report);
    const simulators = [...Object.values(world.known.simulators), telephones.gateway.api];
    judgeAnswers(report, await answersAtTheirEnd(world, desk.given, simulators));
    report.equals('ledger', 'settled', await untilSettled(world, startedAt));
  } finally {
    await world.close();
    await telephones.close();
  }
}

function shuffled<T>(all: T[]): T[] {
  for (let end = all.length - 1; end > 0; end--) {
    const other = randomInt(end + 1);
    [all[end], all[other]] = [all[other] as T, all[end] as T];
  }
  return all;
}

/** kill -9 of one service after the other until `work` is done. Who is not back from its last death is passed over. */
async function killingEvery(everyMs: number, world: StackWorld, work: Promise<void>): Promise<Map<string, number>> {
  let isDone = false;
  const done = work.finally(() => (isDone = true));
  const killed = new Map<string, number>();
  const counts = new Map<string, number>();
  for (let turn = 0; !isDone; turn++) {
    await Promise.race([delay(everyMs), done]);
    const services = Object.entries((await world.stack()).services).sort(([a], [b]) => a.localeCompare(b));
    const [name, service] = services[turn % services.length] ?? [];
    if (isDone || name === undefined || service === undefined || killed.get(name) === service.pid) continue;
    process.kill(service.pid, 'SIGKILL');
    killed.set(name, service.pid);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  await done;
  return counts;
}

/** One open ticket holds all that one person says on one channel. */
async function checkTickets(world: StackWorld, report: Report): Promise<void> {
  const [row] = await world.sql<{ tickets: string; people: string; messages: string }>(`
    select (select count(*) from ticketing.tickets) as tickets,
           (select count(*) from ticketing.messages where direction = 'inbound') as messages,
           (select count(distinct (channel, account, identity_id)) from ticketing.messages
             where direction = 'inbound') as people`);
  report.equals('messages on tickets', wordCount, Number(row?.messages));
  report.equals('tickets, one for each person on each channel', Number(row?.people), Number(row?.tickets));
}
