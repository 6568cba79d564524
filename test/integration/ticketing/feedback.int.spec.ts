import { randomUUID } from 'node:crypto';
import { createReplyMessageId, formReference } from '#contracts';
import { aFeedback } from '#testing';
import { answering, hoursAgo, person, stageOfThisFile, threadSecret, type TicketingStage } from './ticketing-stage.js';

let stage: TicketingStage;
stageOfThisFile((fresh) => {
  stage = fresh;
});

const form = () => {
  const id = randomUUID();
  return aFeedback({
    id,
    channel: 'web_form',
    account: 'contact',
    provider: { name: 'form', messageId: id, receivedVia: 'push' },
    reference: formReference(id),
    recipients: [],
  });
};

describe('a form', () => {
  it('opens a ticket, and its facts are numbered from one', async () => {
    const event = form();

    expect(await stage.receive(event)).toEqual(['ok']);

    const [ticket] = await stage.tickets();
    expect(ticket).toMatchObject({ number: 1, status: 'new', sequence: 3, messages: 1 });
    const facts = await stage.facts(ticket?.id);
    expect(facts.map(({ sequence, type }) => [sequence, type])).toEqual([
      [1, 'opened'],
      [2, 'message_added'],
      [3, 'reply_requested'],
    ]);
    expect(facts[0]).toMatchObject({ eventId: event.id, firstOf: 'new', at: event.occurredAt, number: 'PH-1' });
    const [timeline] = await stage.rows<{ facts: unknown }>('select facts from timeline');
    expect(timeline?.facts).toEqual(
      facts.map(({ ticketId: _ticket, number: _number, snapshot: _snapshot, ...told }) => told),
    );
  });

  it('is acknowledged by mail with its reference, to be threaded by our own Message-ID', async () => {
    const event = form();

    await stage.receive(event);

    expect(await stage.requestedReplies()).toEqual([
      expect.objectContaining({
        channel: 'email',
        account: 'support',
        to: { kind: 'email', value: 'an@truong-le-loi.example' },
        conversationKey: event.conversationKey,
        subject: 'Re: Mất kết nối [PH-1]',
        text: expect.stringContaining(`PH-1 (${event.reference ?? ''})`) as string,
        reason: 'auto_acknowledgement',
      }),
    ]);
  });

  it('counts once however often it comes, also within one batch', async () => {
    const event = form();

    expect(await stage.receive(event, event)).toEqual(['ok', 'drop duplicate']);
    expect(await stage.receive(event)).toEqual(['drop duplicate']);

    expect(await stage.tickets()).toHaveLength(1);
    expect(await stage.factTypes()).toEqual(['opened', 'message_added', 'reply_requested']);
  });

  it('without an address opens a ticket of a customer of its own', async () => {
    await stage.receive({ ...form(), author: { verified: false } }, { ...form(), author: { verified: false } });

    const customers = await stage.rows<{ customer_id: string }>('select distinct customer_id from tickets');
    expect(customers).toHaveLength(2);
    expect(await stage.requestedReplies()).toEqual([]);
  });
});

describe('a mail', () => {
  it('that answers a message of a ticket joins it when its author stands among the participants', async () => {
    const first = aFeedback();
    await stage.receive(first);

    await stage.receive(aFeedback({ thread: answering(first), conversationKey: first.conversationKey }));

    expect(await stage.tickets()).toEqual([expect.objectContaining({ status: 'new', messages: 2, sequence: 4 })]);
  });

  it('that answers one of the same batch joins its ticket', async () => {
    const first = aFeedback();

    await stage.receive(first, aFeedback({ thread: answering(first), conversationKey: first.conversationKey }));

    expect(await stage.tickets()).toEqual([expect.objectContaining({ messages: 2 })]);
  });

  it.each([
    ['a stranger', { author: person('stranger') }],
    ['an author with dmarc=fail', { signals: { autoReply: 'none' as const, dmarc: 'fail', flags: [] } }],
  ])('of %s that only quotes a reference opens a ticket with a suggestion', async (_, overrides) => {
    const first = aFeedback();
    await stage.receive(first);

    await stage.receive(aFeedback({ ...overrides, thread: answering(first) }));

    const [original, other] = await stage.tickets();
    expect([original?.messages, other?.messages]).toEqual([1, 1]);
    expect(await stage.rows('select ticket_id, related_ticket_id, reason from suggestions')).toEqual([
      { ticket_id: other?.id, related_ticket_id: original?.id, reason: 'related' },
    ]);
  });

  it('that answers a Message-ID of ours joins, its unknown author shown as a new participant', async () => {
    const first = form();
    await stage.receive(first);
    const [requested] = await stage.requestedReplies();
    if (requested === undefined) throw new Error('no acknowledgement was requested');
    const { id: replyId, conversationKey } = requested;
    const ours = createReplyMessageId({ replyId, conversationKey: 'a'.repeat(32), domain: 'x.vn' }, [threadSecret]);
    expect(conversationKey).toBe(first.conversationKey);

    await stage.receive(
      aFeedback({ author: person('colleague'), thread: { inReplyTo: ours, references: [], hints: [] } }),
    );

    expect(await stage.tickets()).toEqual([expect.objectContaining({ messages: 2 })]);
    expect(await stage.rows('select author_name from messages where new_participant')).toEqual([
      { author_name: 'colleague' },
    ]);
  });

  it('that comes to a second mailbox too is shown once', async () => {
    const first = aFeedback();
    const copy = { ...first, id: randomUUID(), account: 'sales' };
    await stage.receive(first);

    expect(await stage.receive(copy)).toEqual(['ok']);

    expect(await stage.tickets()).toEqual([expect.objectContaining({ messages: 1 })]);
    expect(await stage.rows('select copies from messages where copies is not null')).toEqual([
      { copies: [{ eventId: copy.id, account: 'sales' }] },
    ]);
  });

  it('that comes to three mailboxes at once names both copies', async () => {
    const first = aFeedback();
    const copies = ['sales', 'billing'].map((account) => ({ ...first, id: randomUUID(), account }));

    await stage.receive(first, ...copies);

    expect(await stage.rows("select copies from messages where direction = 'inbound'")).toEqual([
      { copies: copies.map(({ id, account }) => ({ eventId: id, account })) },
    ]);
  });

  it.each(['bounce', 'auto_reply', 'out_of_office'] as const)(
    'of kind %s without a thread opens no ticket',
    async (autoReply) => {
      await stage.receive(aFeedback({ signals: { autoReply, flags: [] } }));

      expect(await stage.tickets()).toEqual([]);
      expect(await stage.rows('select automatic from messages where ticket_id is null')).toEqual([{ automatic: true }]);
    },
  );

  it('to a list opens a ticket, unacknowledged', async () => {
    await stage.receive(aFeedback({ signals: { autoReply: 'list', flags: [] } }));

    expect(await stage.factTypes()).toEqual(['opened', 'message_added']);
  });
});

describe('a reply that is consumed before its parent', () => {
  const parent = () => aFeedback({ occurredAt: hoursAgo(2), text: 'first' });

  it.each(['in later batches', 'in one batch'])('has its ticket merged into the parent’s %s', async (when) => {
    const first = parent();
    const second = aFeedback({ thread: answering(first), text: 'second', conversationKey: first.conversationKey });

    if (when === 'in one batch') await stage.receive(second, first);
    else {
      await stage.receive(second);
      await stage.receive(first);
    }

    const [child, standing] = await stage.tickets();
    expect(child).toMatchObject({ status: 'closed', mergedInto: standing?.id, messages: 0 });
    expect(standing).toMatchObject({ status: 'new', mergedInto: null, messages: 2 });
    expect(await stage.requestedReplies()).toHaveLength(1);
    expect((await stage.factTypes(child?.id)).at(-1)).toBe('merged');

    await stage.receive(
      aFeedback({ thread: answering(second), text: 'third', conversationKey: first.conversationKey }),
    );
    expect((await stage.tickets()).map(({ messages }) => messages)).toEqual([0, 3]);
  });

  it('keeps its ticket, with a suggestion, when people have touched it', async () => {
    const first = parent();
    await stage.receive(aFeedback({ thread: answering(first), text: 'second' }));
    await stage.rows('update tickets set touched = true');

    await stage.receive(first);

    expect((await stage.tickets()).map(({ mergedInto }) => mergedInto)).toEqual([null, null]);
    expect(await stage.rows('select reason from suggestions')).toEqual([{ reason: 'late_parent' }]);
  });

  it('of a stranger is not merged', async () => {
    const first = parent();
    await stage.receive(aFeedback({ thread: answering(first), author: person('stranger'), text: 'second' }));

    await stage.receive(first);

    expect((await stage.tickets()).map(({ mergedInto }) => mergedInto)).toEqual([null, null]);
  });
});
