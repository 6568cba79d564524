import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  conversationKey,
  type FeedbackReceived,
  feedbackReceivedMessage,
  replyDeliveryMessage,
  topics,
} from '#contracts';
import { readTopic } from '#kafka';
import { createLogger } from '#observability';
import { aFeedback, aReplyDelivery } from '#testing';
import type { Report } from '../../bench/harness/report.js';
import { Desk } from '../harness/desk.js';
import { checkInvariants } from '../harness/invariants.js';
import { writeTo } from '../harness/log.js';
import { StoredWatch } from '../harness/stored-watch.js';
import { waitUntil } from '../harness/wait-until.js';
import { World } from '../harness/world.js';

const tickets = 50;
const hammerMs = 60_000;
const mailsPerTurn = 20;
const turnMs = 200;
const states = ['sending', 'sent', 'delivered'] as const;

interface Target {
  readonly parent: FeedbackReceived;
  readonly ticketId: string;
  readonly number: string;
}

/** F22: four consumers (two replicas, both topics) and agents on both replicas hammer 50 tickets from different conversations. */
export async function f22(report: Report): Promise<void> {
  const world = await World.create({ services: ['ticketing'] });
  try {
    const second = await world.addReplica('ticketing');
    const targets = await openTickets(world);
    const token = await world.token('agent');
    const mails: { id: string; ticketId: string }[] = [];
    const desks = await writeTo(world.brokers, async (publish) => {
      const onReply = async (reply: { id: string; ticketId: string }) => {
        for (const state of states) {
          const delivery = aReplyDelivery({
            replyId: reply.id,
            ticketId: reply.ticketId,
            conversationKey: conversationKey('chaos', reply.id),
            state,
          });
          await publish([replyDeliveryMessage('email-intake', delivery)]);
        }
      };
      const numbers = targets.map(({ number }) => number);
      const urls = [world.service('ticketing').url, second.url, world.service('ticketing').url, second.url];
      const hired = urls.map((url) => new Desk({ url, token, numbers, onReply }));
      try {
        for (const until = Date.now() + hammerMs; Date.now() < until; await delay(turnMs)) {
          const turn = Array.from({ length: mailsPerTurn }, () => answerTo(targets));
          mails.push(...turn.map(({ event, ticketId }) => ({ id: event.id, ticketId })));
          await publish(turn.map(({ event }) => feedbackReceivedMessage(event)));
        }
      } finally {
        await Promise.all(hired.map((desk) => desk.stop()));
      }
      return hired;
    });
    const ids = [...targets.map(({ parent }) => parent.id), ...mails.map(({ id }) => id)];
    await checkInvariants(world, report, { forms: ids });
    await checkTickets(world, report, mails);
    await checkDesks(world, report, desks);
    await checkLocks(world, report);
  } finally {
    await world.close();
  }
}

async function openTickets(world: World): Promise<Target[]> {
  const parents = Array.from({ length: tickets }, (_, number) =>
    aFeedback({ author: { identity: { kind: 'email', value: `khach${number}@donvi.example` }, verified: true } }),
  );
  const watch = new StoredWatch(world);
  for (const { id } of parents) watch.sent(id);
  await writeTo(world.brokers, (publish) => publish(parents.map((parent) => feedbackReceivedMessage(parent))));
  await watch.allStored();
  const rows = await world.sql<{ id: string; ticket: string; number: string }>(
    'select m.id, m.ticket_id as ticket, t.number from ticketing.messages m join ticketing.tickets t on t.id = m.ticket_id where m.id = any($1::uuid[])',
    [parents.map(({ id }) => id)],
  );
  return rows.flatMap(({ id, ticket, number }) => {
    const parent = parents.find((one) => one.id === id);
    return parent === undefined ? [] : [{ parent, ticketId: ticket, number: `PH-${number}` }];
  });
}

/** A mail of a conversation of its own, hence on any partition, that answers a random ticket's first mail. */
function answerTo(targets: readonly Target[]): { event: FeedbackReceived; ticketId: string } {
  const target = targets[Math.floor(Math.random() * targets.length)];
  if (target === undefined) throw new Error('there are no tickets');
  const { parent, ticketId } = target;
  const event = aFeedback({
    author: parent.author,
    thread: { inReplyTo: parent.provider.messageId, references: [], hints: [] },
    text: `Bổ sung ${randomUUID()}`,
  });
  return { event, ticketId };
}

async function checkTickets(
  world: World,
  report: Report,
  mails: readonly { readonly id: string; readonly ticketId: string }[],
): Promise<void> {
  const [row] = await world.sql<{ tickets: string; astray: string }>(
    `select (select count(*) from ticketing.tickets) as tickets,
            (select count(*) from unnest($1::uuid[], $2::uuid[]) as owed (id, ticket)
              join ticketing.messages m on m.id = owed.id where m.ticket_id <> owed.ticket) as astray`,
    [mails.map(({ id }) => id), mails.map(({ ticketId }) => ticketId)],
  );
  report.equals('tickets', tickets, Number(row?.tickets));
  report.equals('mails on another ticket than their parent', 0, Number(row?.astray));
}

async function checkDesks(world: World, report: Report, desks: readonly Desk[]): Promise<void> {
  const statuses = desks.flatMap(({ acknowledged }) => acknowledged.statuses);
  const notes = desks.flatMap(({ acknowledged }) => acknowledged.notes);
  const replies = desks.flatMap(({ acknowledged }) => acknowledged.replies.map(({ id }) => id));
  const answers = new Map<number, number>();
  for (const desk of desks)
    for (const [status, count] of desk.answers) answers.set(status, (answers.get(status) ?? 0) + count);
  report.figure('answers of the API', JSON.stringify(Object.fromEntries(answers)));
  const broken = [...answers].reduce((sum, [status, count]) => sum + (status >= 500 ? count : 0), 0);
  report.equals('answers 5xx', 0, broken);

  const owed = { notes: notes.length, replies: replies.length };
  const kept = async () => {
    const [row] = await world.sql<{ notes: string; replies: string }>(
      `select (select count(*) from ticketing.notes where id = any($1::uuid[])) as notes,
              (select count(*) from ticketing.messages where id = any($2::uuid[]) and state = 'delivered') as replies`,
      [notes, replies],
    );
    return { notes: Number(row?.notes), replies: Number(row?.replies) };
  };
  await waitUntil('the deliveries', async () => (await kept()).replies === owed.replies).catch(() => undefined);
  report.equals('notes and delivered answers', JSON.stringify(owed), JSON.stringify(await kept()));

  const facts = await statusFacts(world);
  const lost = statuses.filter(
    ({ ticketId, sequence, status }) => facts.get(`${ticketId} ${sequence + 1}`) !== status,
  ).length;
  report.figure('changes of status acknowledged', statuses.length);
  report.equals('changes of status that are lost', 0, lost);
}

/** By ticket and sequence, the status that a fact set. */
async function statusFacts(world: World): Promise<Map<string, string>> {
  const facts = new Map<string, string>();
  const logger = createLogger('chaos', 'error');
  await readTopic(
    { brokers: world.brokers, clientId: 'chaos', logger },
    {
      topic: topics.ticketChanged,
      onRecord: ({ bytes }) => {
        const fact = JSON.parse(String(bytes)) as { ticketId: string; sequence: number; type: string; to?: string };
        if (fact.type === 'status_changed') facts.set(`${fact.ticketId} ${fact.sequence}`, fact.to ?? '');
      },
    },
  );
  return facts;
}

async function checkLocks(world: World, report: Report): Promise<void> {
  const [row] = await world.sql<{ deadlocks: string; waiting: string; old: string; unsent: string }>(`
    select (select deadlocks from pg_stat_database where datname = current_database()) as deadlocks,
           (select count(*) from pg_stat_activity where wait_event_type = 'Lock') as waiting,
           (select count(*) from pg_stat_activity where xact_start < now() - interval '10 s' and datname = current_database()) as old,
           (select count(*) from ticketing.outbox) as unsent`);
  report.figure('deadlocks that Postgres broke and that were tried again', Number(row?.deadlocks));
  report.equals('sessions that wait for a lock', 0, Number(row?.waiting));
  report.equals('transactions older than 10 s', 0, Number(row?.old));
  report.equals('facts that were not sent', 0, Number(row?.unsent));
}
