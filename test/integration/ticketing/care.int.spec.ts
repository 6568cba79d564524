import { randomUUID } from 'node:crypto';
import { aFeedback } from '#testing';
import { reply } from '../../../apps/ticketing/src/domain/commands.js';
import { answering, byMail, hoursAgo, person, rules, stageOfThisFile, type TicketingStage } from './ticketing-stage.js';

let stage: TicketingStage;
stageOfThisFile((fresh) => {
  stage = fresh;
});

describe('a customer’s message', () => {
  async function ticketIn(status: string, resolvedDaysAgo = 0) {
    const first = aFeedback();
    await stage.receive(first);
    await stage.rows(
      `update tickets set status = $1,
              resolved_at = case when $1 in ('resolved', 'closed') then now() - $2 * interval '1 day' end`,
      [status, resolvedDaysAgo],
    );
    return first;
  }

  it.each(['pending', 'on_hold', 'resolved'])('reopens a ticket that is %s', async (status) => {
    const first = await ticketIn(status);

    await stage.receive(aFeedback({ thread: answering(first), conversationKey: first.conversationKey }));

    expect(await stage.tickets()).toEqual([expect.objectContaining({ status: 'open', messages: 2 })]);
  });

  it.each([
    ['closed', 8],
    ['resolved', 8],
  ])('opens a ticket that follows one that is %s for %d days', async (status, days) => {
    const first = await ticketIn(status, days);

    await stage.receive(aFeedback({ thread: answering(first), conversationKey: first.conversationKey }));

    const [old, next] = await stage.tickets();
    expect(old?.status).toBe('closed');
    expect(next).toMatchObject({ status: 'new', followUpOf: old?.id, messages: 1 });
  });

  it('that is automatic joins without reopening', async () => {
    const first = await ticketIn('pending');

    await stage.receive(
      aFeedback({ thread: answering(first), signals: { autoReply: 'out_of_office', dmarc: 'pass', flags: [] } }),
    );

    expect(await stage.tickets()).toEqual([expect.objectContaining({ status: 'pending', messages: 2 })]);
  });
});

describe('acknowledgements', () => {
  const unacknowledged = (overrides: Parameters<typeof aFeedback>[0]) => aFeedback(overrides);

  it.each([
    ['backfill', { provider: { name: 'imap', messageId: '<b@x>', receivedVia: 'backfill' as const } }],
    ['import', { provider: { name: 'imap', messageId: '<i@x>', receivedVia: 'import' as const } }],
    ['a mail that is a day old', { occurredAt: hoursAgo(25) }],
    ['dmarc=fail', { signals: { autoReply: 'none' as const, dmarc: 'fail', flags: [] } }],
  ])('do not go to %s', async (_, overrides) => {
    await stage.receive(unacknowledged(overrides));

    expect(await stage.tickets()).toHaveLength(1);
    expect(await stage.requestedReplies()).toEqual([]);
  });

  it('go at most twice an hour to one author', async () => {
    await stage.receive(aFeedback(), aFeedback());
    await stage.receive(aFeedback(), aFeedback());

    expect(await stage.tickets()).toHaveLength(4);
    expect(await stage.requestedReplies()).toHaveLength(2);
  });

  it('leave by the network itself where that is allowed, and are heard of once', async () => {
    const { subject: _subject, ...said } = aFeedback({
      ...{ channel: 'telegram' as const, account: 'bot', conversationKey: 't'.repeat(32), recipients: [] },
      provider: { name: 'telegram', messageId: '9:1', conversationId: '9', receivedVia: 'push' },
      author: { identity: { kind: 'handle', value: 'telegram:9' }, verified: true },
      signals: { autoReply: 'none', flags: [] },
    });
    await stage.receive(said);
    expect(await stage.requestedReplies('social')).toEqual([]);
    await stage.reset();
    const allowed = { ...rules.acknowledgement, channels: new Set(['email', 'telegram'] as const) };
    await stage.replica({ ...rules, acknowledgement: allowed }).receive(said);

    expect(await stage.requestedReplies('social')).toEqual([
      expect.objectContaining({
        ...{ channel: 'telegram', account: 'bot', to: { kind: 'handle', value: 'telegram:9' } },
        thread: { references: [], inReplyTo: '9:1', providerConversationId: '9' },
        text: expect.stringContaining('mã PH-1') as string,
        reason: 'auto_acknowledgement',
      }),
    ]);
  });

  it('stop at the brake of the account', async () => {
    const braked = stage.replica({ ...rules, acknowledgementsPerMinute: 3 });

    for (let batch = 0; batch < 3; batch++) {
      await braked.receive(...[1, 2].map((n) => aFeedback({ author: person(`p${batch}-${n}`) })));
    }

    expect(await braked.requestedReplies()).toHaveLength(3);
  });
});

describe('customers', () => {
  it('are found again by their identity, and belong to the organization of their domain', async () => {
    const organization = randomUUID();
    await stage.rows(
      `insert into organizations (id, name, segment, domains, created_at, updated_at)
       values ($1, 'Trường Lê Lợi', 'trường học', '{truong.example}', now(), now())`,
      [organization],
    );
    await stage.receive(aFeedback({ author: person('mai') }));
    await stage.receive(aFeedback({ author: person('mai') }));

    expect(
      await stage.rows('select distinct customer_id is not null as linked, organization_id, segment from tickets'),
    ).toEqual([{ linked: true, organization_id: organization, segment: 'trường học' }]);
    expect(await stage.rows('select name from customers')).toEqual([{ name: 'mai' }]);
  });
});

describe('an echo', () => {
  it('of a colleague who answered elsewhere stops the first clock', async () => {
    const first = aFeedback({ occurredAt: hoursAgo(2) });
    await stage.receive(first);
    const [ticket] = await stage.tickets();

    await stage.receive(
      aFeedback({
        kind: 'echo',
        thread: answering(first),
        occurredAt: hoursAgo(1),
        author: person('agent'),
        text: 'answer',
      }),
    );

    const facts = await stage.facts(ticket?.id);
    expect(facts.map(({ type }) => type).slice(3)).toEqual(['message_added', 'status_changed', 'responded']);
    expect(facts.at(-1)).toMatchObject({ clock: 'first', waitSeconds: 3600 });
  });
});

it('keeps replies of agents in the unit of work that the API uses', async () => {
  await stage.receive(aFeedback());
  const [ticket] = await stage.tickets();
  const [identity] = await stage.rows<{ id: string; value: string }>('select id, value from identities');
  if (ticket === undefined || identity === undefined) throw new Error('nothing was stored');

  await stage.unit.change([ticket.id], (work) => {
    const change = work.find(ticket.id);
    if (change === undefined) throw new Error('the ticket is not held');
    return reply(
      change,
      work,
      { kind: 'agent', id: randomUUID() },
      {
        reason: 'agent',
        way: byMail(identity),
        text: 'Đã khôi phục.',
        html: null,
        attachments: [],
        agent: null,
        repeats: null,
      },
    );
  });

  expect((await stage.factTypes(ticket.id)).slice(3)).toEqual(['reply_requested', 'status_changed']);
  expect((await stage.tickets())[0]?.status).toBe('pending');
});
