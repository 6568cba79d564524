import { randomUUID } from 'node:crypto';
import type { FeedbackReceived } from '#contracts';
import { aFeedback } from '#testing';
import { hoursAgo, stageOfThisFile, type TicketingStage } from './ticketing-stage.js';

let stage: TicketingStage;
stageOfThisFile((fresh) => {
  stage = fresh;
});

const customer = { kind: 'handle' as const, value: 'messenger:5' };
const said = (over: Partial<FeedbackReceived>): FeedbackReceived => {
  const { subject: _subject, ...event } = aFeedback({
    ...{ channel: 'messenger', account: 'page', conversationKey: 'm'.repeat(32), recipients: [] },
    provider: { name: 'meta', messageId: randomUUID(), receivedVia: 'push' },
    author: { identity: customer, verified: true },
    signals: { autoReply: 'none', flags: [] },
    ...over,
  });
  return event;
};
const echo = (over: Partial<FeedbackReceived> = {}) =>
  said({ kind: 'echo', author: { verified: true }, recipients: [customer], ...over });

describe('a colleague’s answer in the network’s own console', () => {
  it('is an outbound message of the conversation’s ticket and ends the first wait', async () => {
    await stage.receive(said({ occurredAt: hoursAgo(2) }));
    await stage.receive(echo({ occurredAt: hoursAgo(1) }));

    expect(await stage.tickets()).toEqual([expect.objectContaining({ status: 'pending', messages: 1 })]);
    const answered =
      "select direction, state, answered_at is not null as answered, channel from messages where kind = 'echo'";
    expect(await stage.rows(answered)).toEqual([
      { direction: 'outbound', state: 'sent', answered: true, channel: 'messenger' },
    ]);
    expect((await stage.facts()).at(-1)).toMatchObject({ type: 'responded', clock: 'first', waitSeconds: 3600 });
  });

  it('ends it also when it is consumed before the question', async () => {
    await stage.receive(echo({ occurredAt: hoursAgo(1) }));
    await stage.receive(said({ occurredAt: hoursAgo(2) }));
    expect(await stage.tickets()).toHaveLength(1);
    expect((await stage.facts()).at(-1)).toMatchObject({ type: 'responded', clock: 'first', waitSeconds: 3600 });
  });

  it('of a machine there does not', async () => {
    await stage.receive(said({ occurredAt: hoursAgo(2) }));
    await stage.receive(echo({ signals: { autoReply: 'auto_reply', flags: [] } }));
    expect(await stage.factTypes()).toEqual(['opened', 'message_added', 'message_added']);
    expect(await stage.tickets()).toEqual([expect.objectContaining({ status: 'new' })]);
  });
});
