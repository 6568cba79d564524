import { randomUUID } from 'node:crypto';
import {
  contracts,
  type DeadLetter,
  decode,
  feedbackReceivedMessage,
  type TicketChanged,
  ticketChangedMessage,
  topics,
} from '#contracts';
import { type Publisher, readTopic } from '#kafka';
import { aFeedback, uniqueName, waitFor } from '#testing';
import { address, consumingServiceOfThisFile, type ServiceUnderTest } from './service-under-test.js';

let service: ServiceUnderTest;
let publisher: Publisher;
consumingServiceOfThisFile((...ours) => ([service, publisher] = ours));

const at = '2026-11-22T08:07:00.000Z';
const range = 'from=2026-11-22&to=2026-11-23';

function aTicket(account: string): (sequence: number, carried: Partial<TicketChanged>) => TicketChanged {
  const ticketId = randomUUID();
  return (sequence, carried) =>
    ({
      id: randomUUID(),
      ticketId,
      number: 'PH-1',
      sequence,
      at,
      actor: { kind: 'customer' },
      snapshot: { channel: 'web_form', account, priority: 'normal', status: 'open' },
      ...carried,
    }) as TicketChanged;
}

async function totals(metrics: string, account: string): Promise<unknown> {
  const { body } = await service.get(`/api/v1/reports?metrics=${metrics}&${range}&filter.account=${account}`);
  return body.totals;
}

async function deadLetters(): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  await readTopic(address(), {
    topic: topics.dead(service.name),
    onRecord: ({ headers, bytes }) => {
      const letter = decode(contracts.deadLetter, { headers, value: bytes });
      if (letter.ok) letters.push(letter.data);
    },
  });
  return letters;
}

it('shows a form feedback and its ticket in the report', async () => {
  const account = uniqueName('form');
  const feedback = aFeedback({ channel: 'web_form', account, occurredAt: at });
  const fact = aTicket(account);
  await publisher.publish([
    feedbackReceivedMessage(feedback),
    feedbackReceivedMessage(feedback),
    ticketChangedMessage(fact(1, { type: 'opened', firstOf: 'new', eventId: feedback.id })),
  ]);
  await waitFor(
    async () => {
      expect(await totals('feedback_count,tickets_opened,backlog', account)).toEqual({
        feedback_count: 1,
        tickets_opened: 1,
        backlog: 1,
      });
      return true;
    },
    { timeoutMs: 25_000 },
  );
}, 30_000);

it('sends a fact behind a gap and its followers to quarantine, and counts them when they are replayed in order', async () => {
  const account = uniqueName('form');
  const fact = aTicket(account);
  const facts = [
    fact(1, { type: 'opened', firstOf: 'new' }),
    fact(2, { type: 'note_added', noteId: randomUUID() }),
    fact(3, { type: 'resolved', seconds: 90, touches: 1, transfers: 0 }),
    fact(4, { type: 'closed' }),
  ];
  const [opened, note, resolved, closed] = facts.map((of) => ticketChangedMessage(of));
  await publisher.publish([opened!, resolved!, closed!]);
  const mine = (letters: DeadLetter[]) => letters.filter(({ key }) => key === facts[0]!.ticketId);
  const letters = await waitFor(
    async () => {
      const found = mine(await deadLetters());
      return found.length === 2 && found;
    },
    { timeoutMs: 25_000 },
  );
  expect(letters.map(({ reason, step, source }) => [reason, step, source.kind])).toEqual([
    ['gap', 'judge_sequence', 'log'],
    ['gap', 'judge_sequence', 'log'],
  ]);
  expect(await totals('tickets_opened,tickets_resolved', account)).toEqual({ tickets_opened: 1, tickets_resolved: 0 });

  await publisher.publish([note!, resolved!, closed!]);
  await waitFor(async () => {
    expect(await totals('tickets_opened,tickets_resolved,backlog', account)).toEqual({
      tickets_opened: 1,
      tickets_resolved: 1,
      backlog: 0,
    });
    return true;
  });
  expect(mine(await deadLetters())).toHaveLength(2);
}, 60_000);
