import { randomUUID } from 'node:crypto';
import type { DeliveryState } from '#contracts';
import { aFeedback, aReplyDelivery } from '#testing';
import { changeTicket, merge, reply } from '../../../apps/ticketing/src/domain/commands.js';
import { byMail, TicketingStage } from './ticketing-stage.js';

let stage: TicketingStage;
beforeAll(async () => {
  stage = await TicketingStage.open();
});
afterAll(() => stage.close());
afterEach(() => stage.reset());
beforeEach(() => {
  // Numbers in hand belong to the sequence of the test before.
  stage = stage.replica();
});

const agent = { kind: 'agent' as const, id: '0198f2d5-0000-7000-8000-000000000001' };
const start = Date.now();
const minutes = (count: number) => new Date(start + count * 60_000).toISOString();

async function openTicket(occurredAt = minutes(-60)) {
  const event = aFeedback({
    occurredAt,
    provider: { name: 'imap', messageId: `<${randomUUID()}@x>`, receivedVia: 'backfill' },
  });
  await stage.receive(event);
  const [ticket] = await stage.rows<{ id: string; identityId: string }>(
    'select id, identity_id as "identityId" from tickets order by number desc limit 1',
  );
  if (ticket === undefined) throw new Error('no ticket was opened');
  return { ...ticket, event };
}

async function answer(ticket: { id: string; identityId: string }): Promise<string> {
  return stage.unit.change([ticket.id], (work) => {
    const change = work.find(ticket.id);
    if (change === undefined) throw new Error('the ticket is not held');
    const outcome = reply(change, work, agent, {
      reason: 'agent',
      way: byMail({ id: ticket.identityId, value: 'an@truong-le-loi.example' }),
      text: 'Đã khôi phục.',
      html: null,
      attachments: [],
      agent: { id: agent.id, name: 'Bình' },
      repeats: null,
    });
    if (outcome.kind === 'refused') throw new Error(outcome.reason);
    return outcome.result;
  });
}

const delivered = (replyId: string, state: DeliveryState, at: string, attempt = 1) =>
  stage.deliver(aReplyDelivery({ replyId, state, at, attempt }));

const responses = async (ticketId: string) =>
  (await stage.facts(ticketId))
    .filter((fact) => fact.type === 'responded' || fact.type === 'response_retracted')
    .map((fact) => ('waitSeconds' in fact ? [fact.type, fact.clock, Math.round(fact.waitSeconds / 60)] : []));

it('ends the first wait when the answer is out, and not before', async () => {
  const ticket = await openTicket();
  const replyId = await answer(ticket);
  await delivered(replyId, 'sending', minutes(-31));
  expect(await responses(ticket.id)).toEqual([]);

  await delivered(replyId, 'sent', minutes(-30));

  const facts = await stage.facts(ticket.id);
  expect(facts.at(-1)).toMatchObject({ type: 'responded', clock: 'first', waitSeconds: 1800, replyId, actor: agent });
  expect(facts.map(({ sequence }) => sequence)).toEqual(facts.map((_, index) => index + 1));
});

it('takes the response back when the answer bounces, and lets the next one count', async () => {
  const ticket = await openTicket();
  const first = await answer(ticket);
  await delivered(first, 'sent', minutes(-40));
  await delivered(first, 'failed', minutes(-39));
  const second = await answer(ticket);
  await delivered(second, 'sent', minutes(-30));

  expect(await responses(ticket.id)).toEqual([
    ['responded', 'first', 20],
    ['response_retracted', 'first', 20],
    ['responded', 'first', 30],
  ]);
  expect(await stage.rows('select clock, message_id from responses')).toEqual([{ clock: 'first', message_id: second }]);
});

it('corrects a response when an earlier answer turns up late', async () => {
  const ticket = await openTicket();
  const replyId = await answer(ticket);
  await delivered(replyId, 'sent', minutes(-10));
  const { messageId } = ticket.event.provider;

  await stage.receive(
    aFeedback({
      kind: 'echo',
      occurredAt: minutes(-20),
      thread: { inReplyTo: messageId, references: [], hints: [] },
      text: 'đã gọi',
    }),
  );

  expect(await responses(ticket.id)).toEqual([
    ['responded', 'first', 50],
    ['response_retracted', 'first', 50],
    ['responded', 'first', 40],
  ]);
});

it('starts a next clock with the first later message, whatever came between', async () => {
  const ticket = await openTicket();
  await delivered(await answer(ticket), 'sent', minutes(-50));
  const { messageId } = ticket.event.provider;
  const thread = { inReplyTo: messageId, references: [], hints: [] };
  await stage.receive(
    aFeedback({ occurredAt: minutes(-30), thread, text: 'a' }),
    aFeedback({ occurredAt: minutes(-20), thread, text: 'b' }),
  );

  await delivered(await answer(ticket), 'delivered', minutes(-10));

  expect(await responses(ticket.id)).toEqual([
    ['responded', 'first', 10],
    ['responded', 'next', 20],
  ]);
});

it.each([
  ['the same again', ['sent', 'sent'], ['ok', 'drop duplicate']],
  ['an earlier state', ['sent', 'sending'], ['ok', 'drop late_state']],
  ['a step that skips others', ['delivered'], ['ok']],
  ['a resolution of the uncertain', ['uncertain', 'sent'], ['ok', 'ok']],
] as const)('judges %s', async (_, states, outcomes) => {
  const ticket = await openTicket();
  const replyId = await answer(ticket);

  const got: string[] = [];
  for (const state of states) got.push(...(await delivered(replyId, state, minutes(-30))));

  expect(got).toEqual(outcomes);
});

it('shows the last of several steps of one answer that came in one batch', async () => {
  const ticket = await openTicket();
  const replyId = await answer(ticket);
  const step = (state: DeliveryState, at: number) => aReplyDelivery({ replyId, state, at: minutes(at), attempt: 1 });
  await stage.deliver(step('sending', -31), step('uncertain', -30), step('sent', -29));
  expect(await stage.rows('select state, attempt from messages where id = $1', [replyId])).toEqual([
    { state: 'sent', attempt: 1 },
  ]);
});

it('knows nothing of a reply that it never asked for', async () => {
  expect(await delivered(randomUUID(), 'sent', minutes(0))).toEqual(['drop unknown_ticket']);
});

it('finds the ticket by a Message-ID that the provider put on our mail', async () => {
  const ticket = await openTicket();
  const replyId = await answer(ticket);
  await stage.deliver(aReplyDelivery({ replyId, providerMessageId: '<rewritten@provider.example>' }));

  await stage.receive(
    aFeedback({ thread: { inReplyTo: '<rewritten@provider.example>', references: [], hints: [] }, text: 'cảm ơn' }),
  );

  expect(await stage.tickets()).toEqual([expect.objectContaining({ messages: 2 })]);
});

it('moves responses along when a ticket is merged', async () => {
  const source = await openTicket(minutes(-60));
  await delivered(await answer(source), 'sent', minutes(-30));
  const target = await openTicket(minutes(-90));

  await stage.unit.change([source.id, target.id], (work) => {
    const [from, to] = [work.find(source.id), work.find(target.id)];
    if (from === undefined || to === undefined) throw new Error('the tickets are not held');
    return merge(from, to, work, agent);
  });

  expect(await responses(source.id)).toEqual([
    ['responded', 'first', 30],
    ['response_retracted', 'first', 30],
  ]);
  expect(await responses(target.id)).toEqual([['responded', 'first', 60]]);
});

it('takes a resolution back with its measures when the customer writes again', async () => {
  const ticket = await openTicket();
  await delivered(await answer(ticket), 'sent', minutes(-30));
  await stage.unit.change([ticket.id], (work) => {
    const change = work.find(ticket.id);
    if (change === undefined) throw new Error('the ticket is not held');
    return changeTicket(change, work, agent, { status: 'resolved' });
  });
  const resolved = (await stage.facts(ticket.id)).find(({ type }) => type === 'resolved');
  const { messageId } = ticket.event.provider;

  await stage.receive(aFeedback({ thread: { inReplyTo: messageId, references: [], hints: [] }, text: 'vẫn lỗi' }));

  const reopened = (await stage.facts(ticket.id)).find(({ type }) => type === 'reopened');
  expect(resolved).toMatchObject({ touches: 1, transfers: 0 });
  expect(reopened).toMatchObject({
    retracts: resolved?.id,
    retractedAt: resolved?.at,
    touches: 1,
    retractedSnapshot: resolved?.snapshot,
    snapshot: expect.objectContaining({ status: 'open' }) as unknown,
  });
});
