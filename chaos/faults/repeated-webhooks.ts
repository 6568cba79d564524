import { setTimeout as delay } from 'node:timers/promises';
import { topics } from '#contracts';
import { readTopic } from '#kafka';
import { createLogger } from '#observability';
import type { Report } from '../../bench/harness/report.js';
import { wrongClock } from '../harness/clock-settings.js';
import { checkInvariants } from '../harness/invariants.js';
import { type Delivery, NetworkCustomers } from '../harness/network-customers.js';
import { waitUntil } from '../harness/wait-until.js';
import { World } from '../harness/world.js';

/** Those that look at their clock when something comes. */
const yesterdays = ['phone-intake', 'social-intake', 'ticketing'] as const;
const perChannel = 15;
const dayMs = 86_400_000;

/** F12: each webhook twice at once, again after a second, again after a day, all out of order. The first day is yesterday: clocks are set back. */
export async function f12(report: Report): Promise<void> {
  const clock = wrongClock(-dayMs);
  const world = await World.create({
    services: [...yesterdays, 'reporting'],
    env: Object.fromEntries(yesterdays.map((name) => [name, clock])),
  });
  try {
    const customers = new NetworkCustomers(world.accounts).some(perChannel, new Date(Date.now() - dayMs - 60_000));
    const deliveries = customers.flatMap((customer) => customer.deliveries);
    const edits = customers.flatMap(({ said }) => said.slice(2));
    const expected = { messages: deliveries.length - edits.length, tickets: customers.length };
    const statuses = new Map<number, number>();
    const round = async (times: number) => {
      for (const status of (await deliverAll(deliveries, times)).flat())
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
    };
    await round(2);
    await delay(1_000);
    await round(1);
    await untilSeen(world, expected.messages);
    const [first] = await world.sql<{ hours: number }>(
      'select extract(epoch from now() - max(received_at))::float8 / 3600 as hours from ticketing.messages',
    );
    report.atLeast('hours since the services took them', 23, first?.hours ?? 0);

    clock.CLOCK_SHIFT_MS = '0';
    for (const name of yesterdays) await world.service(name).restart();
    await round(1);
    await checkInvariants(world, report, {});

    report.figure('webhooks', deliveries.length);
    report.figure('deliveries', deliveries.length * 4);
    const others = [...statuses].filter(([status]) => status < 200 || status > 299);
    report.equals('deliveries not answered with 2xx', '', others.map(([status, n]) => `${n} × ${status}`).join(', '));
    const log = await eventsOnTheLog(world);
    report.equals('events on the log, each id once', deliveries.length, log.ids);
    report.figure('repeated on the log, what compaction has left of it', log.records - log.ids);
    const seen = await seenByPeople(world);
    report.equals('messages', expected.messages, seen.messages);
    report.equals('tickets', expected.tickets, seen.tickets);
    report.equals('edits that are shown', edits.length, await shown(world, edits));
  } finally {
    await world.close();
  }
}

/** All of them out of order, each so many times at once, ten at a time. */
async function deliverAll(deliveries: readonly Delivery[], times: number): Promise<number[][]> {
  const waiting = deliveries.toSorted(() => Math.random() - 0.5);
  const statuses: number[][] = [];
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const deliver = next;
      statuses.push(await Promise.all(Array.from({ length: times }, () => deliver().catch(() => 0))));
    }
  };
  await Promise.all(Array.from({ length: 10 }, work));
  return statuses;
}

async function seenByPeople(world: World): Promise<{ messages: number; tickets: number }> {
  const [row] = await world.sql<{ messages: string; tickets: string }>(
    `select (select count(*) from ticketing.messages where direction = 'inbound') as messages,
            (select count(*) from ticketing.tickets) as tickets`,
  );
  return { messages: Number(row?.messages), tickets: Number(row?.tickets) };
}

async function untilSeen(world: World, messages: number): Promise<void> {
  await waitUntil(`${messages} messages`, async () => (await seenByPeople(world)).messages >= messages, {
    timeoutMs: 120_000,
  });
}

async function shown(world: World, texts: readonly string[]): Promise<number> {
  const [row] = await world.sql<{ count: string }>('select count(*) from ticketing.messages where text = any($1)', [
    texts,
  ]);
  return Number(row?.count);
}

async function eventsOnTheLog(world: World): Promise<{ records: number; ids: number }> {
  const ids = new Set<string>();
  const logger = createLogger('chaos', 'error');
  const records = await readTopic(
    { brokers: world.brokers, clientId: 'chaos', logger },
    { topic: topics.feedbackReceived, onRecord: ({ headers }) => void ids.add(headers.ce_id ?? '') },
  );
  return { records, ids: ids.size };
}
