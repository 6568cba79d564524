import { randomUUID } from 'node:crypto';
import type { DeliveryErrorCode } from '#contracts';
import { aFeedback, aReplyDelivery } from '#testing';
import { chooseRoute } from '../../../apps/ticketing/src/domain/answer-route.js';
import { reply } from '../../../apps/ticketing/src/domain/commands.js';
import { AnswerRepository } from '../../../apps/ticketing/src/store/answer.repository.js';
import { hoursAgo, stageOfThisFile, type TicketingStage } from './ticketing-stage.js';

let stage: TicketingStage;
stageOfThisFile((fresh) => {
  stage = fresh;
});

const identity = { kind: 'handle' as const, value: 'telegram:9' };
const conversationKey = 'k'.repeat(32);
const said = (occurredAt: string) =>
  aFeedback({
    channel: 'telegram',
    account: 'bot',
    provider: { name: 'telegram', messageId: `9:${randomUUID()}`, conversationId: '9', receivedVia: 'push' },
    ...{ conversationKey, occurredAt, recipients: [] },
    author: { identity, verified: true },
    signals: { autoReply: 'none', flags: [] },
  });
const rules = {
  fallback: ['email'] as const,
  mailAccount: 'support',
  smsAccounts: { byPhone: new Map<string, string>(), other: 'sms' },
  whatsappTemplates: false,
};

async function route() {
  return stage.unit.change(await ids(), async (work, tx) => {
    const [change] = [...work.all()];
    if (change === undefined) throw new Error('there is no ticket');
    const { ticket } = change;
    const ground = await new AnswerRepository(stage.db.database).ground(ticket, tx);
    return chooseRoute({ ticket, ground, rules, now: work.clock.now });
  });
}

async function ids(): Promise<string[]> {
  return (await stage.tickets()).map(({ id }) => id);
}

async function answerThatFails(code: DeliveryErrorCode, at: string): Promise<void> {
  const way = await route();
  if (way.kind === 'refused') throw new Error(way.reason);
  const request = { reason: 'agent', way, text: 'x', html: null, attachments: [], agent: null, repeats: null } as const;
  const outcome = await stage.unit.change(await ids(), (work) => {
    const [change] = [...work.all()];
    if (change === undefined) throw new Error('there is no ticket');
    return reply(change, work, { kind: 'agent' }, request);
  });
  if (outcome.kind === 'refused') throw new Error(outcome.reason);
  await stage.deliver(
    aReplyDelivery({ replyId: outcome.result, state: 'failed', at, error: { code, permanent: true } }),
  );
}

const brief = async () => {
  const way = await route();
  return way.kind === 'refused' ? way.reason : [way.channel, ...(way.fallback === undefined ? [] : [way.fallback])];
};

it.each([
  ['recipient_opted_out', 'opted_out'],
  ['recipient_unreachable', 'unreachable'],
  ['window_closed', 'window_closed'],
] as const)(
  'after a failure with %s the next answer takes another way, until the customer writes',
  async (code, why) => {
    await stage.receive(said(hoursAgo(3)));
    await answerThatFails(code, hoursAgo(2));
    expect(await brief()).toBe(why);
    await stage.rows(
      `insert into identities (id, kind, value, customer_id, verified, created_at)
     select gen_random_uuid(), 'email', 'an@truong.example', customer_id, true, now() from tickets`,
    );
    expect(await brief()).toEqual(['email', why]);

    await stage.receive(said(hoursAgo(1)));

    expect(await brief()).toEqual(['telegram']);
  },
);

it('other failures say nothing about who was written to', async () => {
  await stage.receive(said(hoursAgo(3)));
  await answerThatFails('too_many_requests', hoursAgo(2));
  expect([await brief(), await stage.rows('select 1 from reachability')]).toEqual([['telegram'], []]);
});

it('keeps what is newest, whatever comes last', async () => {
  await stage.receive(said(hoursAgo(9)));
  await answerThatFails('recipient_opted_out', hoursAgo(2));
  await stage.rows('update reachability set state = $1, at = now()', ['opted_in']);
  await answerThatFails('recipient_unreachable', hoursAgo(1));
  expect(await stage.rows('select state from reachability')).toEqual([{ state: 'opted_in' }]);
});
