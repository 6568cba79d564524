import { deliveryStates, type DeliveryState } from '#contracts';
import { aReplyDelivery } from '#testing';
import fc from 'fast-check';
import { decideDelivery, type ReplyState } from './decide-delivery.js';
import { anId, aTicket, opened } from './work-fixture.js';

function aReply(ticketId: string, overrides: Partial<ReplyState> = {}): ReplyState {
  return {
    id: anId(),
    ticketId,
    automatic: false,
    agentId: null,
    identityId: anId(),
    channel: 'email',
    state: 'requested',
    attempt: 0,
    answeredAt: null,
    ...overrides,
  };
}

const rank: Record<DeliveryState, number> = {
  requested: 0,
  sending: 1,
  uncertain: 2,
  sent: 3,
  delivered: 4,
  read: 5,
  failed: 6,
};

it('ends in the furthest state in whatever order the deliveries of an attempt come', () => {
  const history = fc.constantFrom<readonly DeliveryState[]>(
    ['sending', 'sent', 'delivered', 'read'],
    ['sending', 'sent', 'failed'],
    ['sending', 'uncertain', 'sent'],
    ['sending', 'failed'],
  );
  fc.assert(
    fc.property(
      history.chain((states) =>
        fc.shuffledSubarray([...states, ...states], { minLength: states.length * 2, maxLength: states.length * 2 }),
      ),
      (states) => {
        const { work, change } = opened(aTicket({ answered: true }));
        const reply = aReply(change.ticket.id);
        for (const state of states) decideDelivery(aReplyDelivery({ replyId: reply.id, state }), reply, work);
        const furthest = [...new Set(states)].sort((a, b) => rank[b] - rank[a])[0];
        expect(reply.state).toBe(furthest);
        expect(reply.answeredAt === null).toBe(furthest === 'failed' || furthest === 'uncertain');
      },
    ),
  );
});

it('knows every state of the registry', () => {
  for (const state of deliveryStates) {
    const { work, change } = opened(aTicket());
    const reply = aReply(change.ticket.id, { state: 'requested' });
    const decision = decideDelivery(aReplyDelivery({ replyId: reply.id, state }), reply, work);
    expect(decision).toEqual(state === 'requested' ? { kind: 'drop', reason: 'late_state' } : { kind: 'ok' });
  }
});

it('stores the last of several steps that come together, and what an earlier one told', () => {
  const { work, change } = opened(aTicket());
  const reply = aReply(change.ticket.id);
  const messageId = '<an-id-of-the-provider@x>';
  decideDelivery(aReplyDelivery({ replyId: reply.id, state: 'sending', providerMessageId: messageId }), reply, work);
  const { providerMessageId: _unknown, ...sent } = aReplyDelivery({ replyId: reply.id, state: 'sent' });
  decideDelivery(sent, reply, work);

  expect([...work.progress.values()]).toMatchObject([
    { messageId: reply.id, state: 'sent', providerMessageId: messageId },
  ]);
});

it('does not let an automatic answer end a wait', () => {
  const { work, change } = opened(aTicket({ answered: true }));
  work.addEntry(change.ticket.id, { messageId: 'c', side: 'customer', at: new Date('2026-03-10T07:00:00Z') });

  decideDelivery(aReplyDelivery(), aReply(change.ticket.id, { automatic: true }), work);

  expect(change.facts.map(({ type }) => type)).toEqual(['reply_state_changed']);
});
