import { randomUUID } from 'node:crypto';
import { topics } from '#contracts';
import { aFeedback } from '#testing';
import { ApiUnderTest } from './api-under-test.js';
import { handle, hoursAgo, number, said } from './network-messages.js';
import { code, ticketCalls } from './ticket-calls.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

type Body = Record<string, unknown>;
const { get, etagOf, patch, post } = ticketCalls(() => api);

async function answer(ticket: string, body: Body = {}) {
  return post(ticket, 'replies', { text: 'Chúng tôi đã xử lý.', ...body }, { 'idempotency-key': randomUUID() });
}

async function requested(replyId: unknown) {
  const rows = await api.db.database.query<{ topic: string; data: Body }>({
    name: 'outbox_reply',
    text: `SELECT topic, convert_from(value, 'utf8')::json AS data FROM outbox WHERE key = $1 AND topic LIKE 'reply.%'`,
    values: [replyId],
  });
  return rows[0];
}

async function lastFact(ticket: string, type: string) {
  const timeline = (await get(ticket)).body.timeline as { type: string; details: Body }[];
  return timeline.filter((fact) => fact.type === type).at(-1)?.details;
}

/** Puts several identities under one customer, as a merge does. */
async function joinCustomers(...values: readonly string[]): Promise<void> {
  await api.db.database.query({
    name: 'join_customers',
    text: `WITH one AS (SELECT customer_id AS id FROM identities WHERE value = $1),
                moved AS (UPDATE identities SET customer_id = (SELECT id FROM one) WHERE value = ANY($2) RETURNING id)
           UPDATE tickets SET customer_id = (SELECT id FROM one) WHERE identity_id IN (SELECT id FROM moved)`,
    values: [values[0], values],
  });
}

describe('an answer', () => {
  it.each([
    ['messenger', 'social'],
    ['facebook_comment', 'social'],
    ['instagram', 'social'],
    ['zalo', 'social'],
    ['telegram', 'social'],
    ['sms', 'phone'],
    ['whatsapp', 'social'],
  ] as const)('to a message on %s leaves by it, for the intake of the family %s', async (channel, family) => {
    const isPhone = channel === 'sms' || channel === 'whatsapp';
    const identity = isPhone ? number() : handle(channel);
    const event = said(channel, identity, {
      occurredAt: hoursAgo(1),
      ...(channel === 'facebook_comment' ? { kind: 'comment' as const } : {}),
      provider: { name: channel, messageId: `m:${channel}`, conversationId: 'conversation-9', receivedVia: 'push' },
    });
    const ticket = await api.receive(event);

    const { status, body } = await answer(ticket);

    expect(status).toBe(202);
    expect(await requested(body.id)).toEqual({
      topic: topics.replyRequested(family),
      data: {
        id: body.id,
        ticketId: expect.any(String) as string,
        ticketNumber: ticket,
        conversationKey: event.conversationKey,
        channel,
        account: `${channel}-1`,
        to: identity,
        text: 'Chúng tôi đã xử lý.',
        attachments: [],
        thread: { references: [], inReplyTo: `m:${channel}`, providerConversationId: 'conversation-9' },
        requestedAt: body.at,
        customerWroteAt: event.occurredAt,
        reason: 'agent',
      },
    });
    expect(await lastFact(ticket, 'reply_requested')).toEqual({ replyId: body.id, automatic: false, channel });
    expect(((await get(ticket)).body.messages as Body[]).at(-1)).toMatchObject({ channel, account: `${channel}-1` });
  });

  it('falls back to where the customer can still be reached, and the timeline says why', async () => {
    const [chat, phone] = [handle('messenger'), number()];
    await api.receive(said('sms', phone));
    const ticket = await api.receive(said('messenger', chat, { occurredAt: hoursAgo(24 * 8) }));
    expect(code(await answer(ticket))).toEqual([422, 'window_closed']);
    await joinCustomers(chat.value, phone.value);

    const { status, body } = await answer(ticket);

    expect(status).toBe(202);
    expect(await requested(body.id)).toMatchObject({
      topic: topics.replyRequested('phone'),
      data: { channel: 'sms', account: 'sms-1', to: phone, thread: { references: [] } },
    });
    const way = { channel: 'sms', insteadOf: 'messenger', fallback: 'window_closed' };
    expect(await lastFact(ticket, 'reply_requested')).toEqual({ replyId: body.id, automatic: false, ...way });
    expect((await get(ticket)).body.answer).toEqual({ ...way, account: 'sms-1', address: phone.value });
  });

  it('is answered in turn where it came: the ticket goes on, and so does the conversation there', async () => {
    const phone = number();
    const ticket = await api.receive(said('web_form', phone, { account: 'contact' }));
    const { body } = await answer(ticket);
    expect(await requested(body.id)).toMatchObject({ data: { channel: 'sms', account: 'sms', to: phone } });

    const here = { account: 'sms', conversationKey: randomUUID() };
    expect(await api.receive(said('sms', phone, here))).toBe(ticket);
    expect(await api.receive(said('sms', phone, here))).toBe(ticket);
    const messages = (await get(ticket)).body.messages as Body[];
    expect(messages.map(({ direction, channel }) => `${String(direction)} ${String(channel)}`)).toEqual([
      'inbound web_form',
      'outbound sms',
      'inbound sms',
      'inbound sms',
    ]);
    // Another number of ours is another conversation.
    expect(await api.receive(said('sms', phone, { account: 'sms-2' }))).not.toBe(ticket);
  });

  it('that came beside an open ticket of that conversation leaves the conversation with its ticket', async () => {
    const [chat, phone] = [handle('messenger'), number()];
    const here = { conversationKey: randomUUID() };
    const open = await api.receive(said('sms', phone, here));
    const ticket = await api.receive(said('messenger', chat));
    await joinCustomers(chat.value, phone.value);
    expect((await answer(ticket, { channel: 'sms' })).status).toBe(202);
    expect(await api.receive(said('sms', phone, here))).toBe(open);
    const resolved = await patch(open, { status: 'resolved' }, { 'if-match': await etagOf(open) });
    expect(resolved.status).toBe(200);
    expect(await api.receive(said('sms', phone, here))).toBe(ticket);
  });

  it('is refused with all that was tried where nobody can be reached', async () => {
    const chat = handle('zalo');
    const ticket = await api.receive(said('zalo', chat, { occurredAt: hoursAgo(24 * 8) }));
    expect((await answer(ticket)).body).toMatchObject({
      code: 'window_closed',
      errors: [{ field: 'channel', code: 'window_closed', message: 'zalo' }],
    });
    expect((await get(ticket)).body.answer).toEqual({
      refused: 'window_closed',
      tried: [{ channel: 'zalo', reason: 'window_closed' }],
    });
  });

  it('to a call goes by SMS to the same number', async () => {
    const phone = number();
    const ticket = await api.receive(said('phone', phone, { kind: 'call', account: 'hotline' }));
    const { body } = await answer(ticket);
    expect(await requested(body.id)).toMatchObject({ data: { channel: 'sms', account: 'sms', to: phone } });
    expect(await lastFact(ticket, 'reply_requested')).toMatchObject({ insteadOf: 'phone', fallback: 'no_way_back' });
  });

  it('leaves by the channel that an agent names, if that is possible', async () => {
    const [chat, phone, stranger] = [handle('telegram'), number(), handle('zalo')];
    await api.receive(said('sms', phone));
    await api.receive(said('zalo', stranger));
    const ticket = await api.receive(said('telegram', chat));
    await joinCustomers(chat.value, phone.value);

    const named = await answer(ticket, { channel: 'sms' });
    expect(await requested(named.body.id)).toMatchObject({ data: { channel: 'sms', to: phone } });
    expect(await lastFact(ticket, 'reply_requested')).toMatchObject({ channel: 'sms', insteadOf: 'telegram' });
    expect(code(await answer(ticket, { channel: 'zalo' }))).toEqual([422, 'no_address']);
    expect(code(await answer(ticket, { channel: 'phone' }))).toEqual([400, 'validation_failed']);
    expect(code(await answer(ticket, { channel: 'pigeon' }))).toEqual([400, 'validation_failed']);
  });
});

describe('the view of a ticket', () => {
  it('says by which channel an answer would leave and until when', async () => {
    const [event, identity] = [hoursAgo(2), number()];
    const ticket = await api.receive(said('whatsapp', identity, { occurredAt: event }));
    expect((await get(ticket)).body.answer).toEqual({
      channel: 'whatsapp',
      account: 'whatsapp-1',
      address: identity.value,
      windowClosesAt: new Date(Date.parse(event) + 24 * 3_600_000).toISOString(),
    });
  });

  it('says so of mail, which is always open', async () => {
    const ticket = await api.receive(aFeedback());
    const address = 'an@truong-le-loi.example';
    expect((await get(ticket)).body.answer).toEqual({ channel: 'email', account: 'support', address });
  });

  it('heeds STOP at once, and START', async () => {
    const phone = number();
    const key = { conversationKey: randomUUID().replaceAll('-', '') };
    const flagged = (flag: string) => ({ ...key, signals: { autoReply: 'none' as const, flags: [flag] } });
    const ticket = await api.receive(said('sms', phone, key));
    await api.receive(said('sms', phone, flagged('opt_out')), said('sms', phone, key));
    expect(code(await answer(ticket))).toEqual([422, 'opted_out']);
    await api.receive(said('sms', phone, flagged('opt_in')));
    expect((await answer(ticket)).status).toBe(202);
  });
});
