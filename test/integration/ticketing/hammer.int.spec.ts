import { randomUUID } from 'node:crypto';
import { createReplyMessageId } from '#contracts';
import { aFeedback } from '#testing';
import { addNote, changeTicket } from '../../../apps/ticketing/src/domain/commands.js';
import { threadSecret, TicketingStage } from './ticketing-stage.js';

let stage: TicketingStage;
beforeAll(async () => {
  stage = await TicketingStage.open();
});
afterAll(() => stage.close());

const tickets = 10;
const rounds = 15;

it('numbers facts without gaps while four consumers and an agent work on the same tickets (F22)', async () => {
  const first = Array.from({ length: tickets }, (_, n) => aFeedback({ text: `first ${n}` }));
  await stage.receive(...first);
  const open = await stage.rows<{ id: string; replyId: string }>(
    `select tickets.id, messages.id as "replyId" from tickets join messages on ticket_id = tickets.id
     where direction = 'outbound' order by number`,
  );
  // Two acknowledgements an hour at most: the other tickets are reached by quoting their first mail.
  const all = await stage.rows<{ id: string }>('select id from tickets order by number');
  const proof = (replyId: string) =>
    createReplyMessageId({ replyId, conversationKey: 'a'.repeat(32), domain: 'x.vn' }, [threadSecret]);

  const consumers = [1, 2, 3, 4].map(async (consumer) => {
    const replica = stage.replica();
    for (let round = 0; round < rounds; round++) {
      const events = first.map((parent, n) => {
        const { replyId } = open[n % open.length] ?? { replyId: randomUUID() };
        const inReplyTo = n < open.length ? proof(replyId) : parent.provider.messageId;
        return aFeedback({
          text: `${consumer} ${round} ${n}`,
          thread: { inReplyTo, references: [], hints: [] },
          provider: { name: 'imap', messageId: `<${randomUUID()}@x>`, receivedVia: 'import' },
        });
      });
      await replica.receive(...events.sort(() => Math.random() - 0.5));
    }
  });
  const agent = { kind: 'agent' as const, id: randomUUID() };
  const desk = (async () => {
    for (let round = 0; round < rounds; round++) {
      for (const { id } of all) {
        await stage.unit.change([id], (work) => {
          const change = work.find(id);
          if (change === undefined) throw new Error('the ticket is not held');
          addNote(change, work, agent, `note ${round}`);
          changeTicket(change, work, agent, { status: round % 2 === 0 ? 'pending' : 'on_hold' });
        });
      }
    }
  })();
  await Promise.all([...consumers, desk]);

  const histories = await stage.rows<{
    id: string;
    sequence: number;
    sequences: number[];
    notes: number;
    inbound: number;
  }>(
    `select id, sequence,
            (select array_agg((fact ->> 'sequence')::integer order by (fact ->> 'sequence')::integer)
             from timeline, json_array_elements(facts) as fact where ticket_id = tickets.id) as sequences,
            (select count(*)::integer from notes where ticket_id = tickets.id) as notes,
            (select count(*)::integer from messages where ticket_id = tickets.id and direction = 'inbound') as inbound
     from tickets order by number`,
  );
  expect(histories).toHaveLength(tickets);
  for (const { sequence, sequences, notes, inbound } of histories) {
    expect(sequences).toEqual(Array.from({ length: sequence }, (_, index) => index + 1));
    expect({ notes, inbound }).toEqual({ notes: rounds, inbound: 1 + 4 * rounds });
  }
}, 120_000);
