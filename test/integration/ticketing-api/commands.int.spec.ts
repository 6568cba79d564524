import { randomUUID } from 'node:crypto';
import { aFeedback } from '#testing';
import { ApiUnderTest } from './api-under-test.js';
import { code, ticketCalls } from './ticket-calls.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

type Body = Record<string, unknown>;
const { get, etagOf, patch, post, aTeam } = ticketCalls(() => api);
const facts = (body: Body) => (body.timeline as { type: string; sequence: number }[]).map(({ type }) => type);
const outbox = (topic: string) =>
  api.db.database.query<{ data: Body; key: string }>({
    name: 'outbox_of',
    text: `SELECT key, convert_from(value, 'utf8')::json AS data FROM outbox WHERE topic = $1 ORDER BY id`,
    values: [topic],
  });

describe('changing a ticket', () => {
  it('changes what is named, once, with one fact each, and answers the new ETag', async () => {
    const number = await api.receive(aFeedback());
    const team = await aTeam(`Kỹ thuật ${number}`);
    const { body: category } = await api.call({
      method: 'POST',
      url: '/api/v1/categories',
      as: 'supervisor',
      body: { name: `Đường truyền ${number}` },
    });
    const etag = await etagOf(number);
    const body = { status: 'open', priority: 'high', team, category: category.id, tags: ['Khẩn', 'cáp quang'] };
    const answer = await patch(number, body, { 'if-match': etag });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        number,
        status: 'open',
        priority: 'high',
        team: { id: team },
        category: { id: category.id },
        tags: ['Khẩn', 'cáp quang'],
      },
    });
    expect(answer.headers.etag).not.toBe(etag);
    const named = ['assigned', 'priority_changed', 'category_changed', 'tags_changed', 'status_changed'];
    expect(facts(answer.body)).toEqual(['opened', 'message_added', ...named]);
    const again = await patch(number, body, { 'if-match': String(answer.headers.etag) });
    expect(again.headers.etag).toBe(answer.headers.etag);
    const cleared = await patch(
      number,
      { team: null, category: null, tags: [] },
      { 'if-match': String(again.headers.etag) },
    );
    expect([cleared.body.team, cleared.body.category, cleared.body.tags]).toEqual([undefined, undefined, []]);
  });

  it('asks for If-Match and refuses a stale one with the ETag that holds', async () => {
    const number = await api.receive(aFeedback());
    const etag = await etagOf(number);
    expect(code(await patch(number, { priority: 'low' }, {}))).toEqual([428, 'if_match_required']);
    await patch(number, { priority: 'low' }, { 'if-match': etag });
    const stale = await patch(number, { priority: 'high' }, { 'if-match': etag });
    expect([...code(stale), stale.headers.etag]).toEqual([412, 'ticket_changed', '"3"']);
  });

  it('lets exactly one of many who read the same win', async () => {
    const number = await api.receive(aFeedback());
    const headers = { 'if-match': await etagOf(number) };
    const tags = Array.from({ length: 20 }, (_, index) => ({ tags: [`t${index}`] }));
    const statuses = (await Promise.all(tags.map((body) => patch(number, body, headers)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, ...Array<number>(19).fill(412)]);
  });

  it.each([
    [{ status: 'new' }, 400, 'validation_failed'],
    [{ status: 'closed' }, 409, 'transition_not_allowed'],
    [{ team: randomUUID() }, 422, 'team_unknown'],
    [{ agent: randomUUID() }, 422, 'agent_unknown'],
    [{ category: randomUUID() }, 422, 'category_unknown'],
    [{ number: 'PH-1' }, 400, 'validation_failed'],
    [{ sequence: 1 }, 400, 'validation_failed'],
    [{ customerId: randomUUID() }, 400, 'validation_failed'],
    [{ tags: ['<script>'] }, 400, 'validation_failed'],
    [{ tags: Array(51).fill('a') }, 400, 'validation_failed'],
    [{ priority: { $ne: 1 } }, 400, 'validation_failed'],
    [[], 400, 'validation_failed'],
  ])('answers %j with %s %s and changes nothing', async (body, status, expected) => {
    const number = await api.receive(aFeedback());
    const etag = await etagOf(number);
    expect(code(await patch(number, body, { 'if-match': etag }))).toEqual([status, expected]);
    expect(await etagOf(number)).toBe(etag);
  });

  it('assigns to oneself without If-Match', async () => {
    const number = await api.receive(aFeedback());
    const { status, body } = await post(number, 'assign', { agent: 'me' });
    expect([status, (body.agent as Body).name]).toEqual([200, 'Nguyễn Thị Hoa']);
  });
});

describe('a reply', () => {
  it('is asked of the mail intake with the material for threading, stands on the ticket, and lets the ticket wait', async () => {
    const event = aFeedback({
      subject: 'Mất mạng',
      thread: { references: ['<root@customer.example>'], hints: [] },
    });
    const number = await api.receive(event);
    const answer = await post(
      number,
      'replies',
      { text: ' Chúng tôi đang xử lý. ' },
      { 'idempotency-key': randomUUID() },
    );
    expect(answer).toEqual(
      expect.objectContaining({
        status: 202,
        body: {
          id: expect.any(String) as string,
          ticket: number,
          at: expect.any(String) as string,
          state: 'requested',
        },
      }),
    );
    const requested = (await outbox('reply.requested.v1.email')).find(({ key }) => key === answer.body.id)?.data;
    const ticket = (await get(number)).body;
    expect(requested).toEqual({
      id: answer.body.id,
      ticketId: ticket.id,
      ticketNumber: number,
      conversationKey: event.conversationKey,
      channel: 'email',
      account: 'support',
      to: event.author.identity,
      subject: `Re: Mất mạng [${number}]`,
      text: 'Chúng tôi đang xử lý.',
      attachments: [],
      thread: {
        inReplyTo: event.provider.messageId,
        references: ['<root@customer.example>', event.provider.messageId],
      },
      requestedAt: answer.body.at,
      customerWroteAt: event.occurredAt,
      reason: 'agent',
    });
    expect(ticket.status).toBe('pending');
    expect((ticket.messages as Body[]).at(-1)).toMatchObject({
      id: answer.body.id,
      direction: 'outbound',
      text: 'Chúng tôi đang xử lý.',
      author: { name: 'Nguyễn Thị Hoa' },
      delivery: { state: 'requested', attempt: 0 },
      reason: 'agent',
    });
    expect(facts(ticket)).toContain('reply_requested');
  });

  it('happens once for 50 parallel uses of one key, with one answer for all', async () => {
    const number = await api.receive(aFeedback());
    const headers = { 'idempotency-key': 'the-same' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post(number, 'replies', { text: 'Một lần' }, headers)),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(202);
    const messages = (await get(number)).body.messages as Body[];
    expect(messages.filter(({ direction }) => direction === 'outbound')).toHaveLength(1);
    expect((await outbox('reply.requested.v1.email')).filter(({ data }) => data.ticketNumber === number)).toHaveLength(
      1,
    );
    expect(code(await post(number, 'replies', { text: 'Khác' }, headers))).toEqual([422, 'idempotency_key_reused']);
    // The same key of another ticket or for a note is another key.
    expect((await post(number, 'notes', { text: 'Một lần' }, headers)).status).toBe(201);
  });

  it('happens once when two replicas are asked at the same moment', async () => {
    const number = await api.receive(aFeedback());
    const other = await ApiUnderTest.replica(api.db, api.storeDir);
    const headers = { 'idempotency-key': 'both', authorization: `Bearer ${await api.token('agent')}` };
    const use = (app: typeof other) =>
      app.inject({ method: 'POST', url: `/api/v1/tickets/${number}/replies`, headers, payload: { text: 'x' } });
    const answers = await Promise.all([api.app, other, api.app, other].map(use));
    await other.close();
    expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1);
    expect(answers[0]?.statusCode).toBe(202);
  });

  it.each([
    [{}, { text: 'x' }, 400, 'idempotency_key_required'],
    [{ 'idempotency-key': 'có dấu'.normalize('NFC') }, { text: 'x' }, 400, 'idempotency_key_invalid'],
    [{ 'idempotency-key': 'k'.repeat(201) }, { text: 'x' }, 400, 'idempotency_key_invalid'],
    [{ 'idempotency-key': 'k1' }, { text: '' }, 400, 'validation_failed'],
    [{ 'idempotency-key': 'k1' }, { text: ' \u0000 ' }, 400, 'validation_failed'],
    [{ 'idempotency-key': 'k1' }, { text: 'x'.repeat(20_001) }, 400, 'validation_failed'],
    [{ 'idempotency-key': 'k1' }, { text: 7 }, 400, 'validation_failed'],
    [{ 'idempotency-key': 'k1' }, { text: 'x', to: 'thief@evil.example' }, 400, 'validation_failed'],
    [{ 'idempotency-key': 'k1' }, { text: 'x', repeats: randomUUID() }, 422, 'reply_unknown'],
    [{ 'idempotency-key': 'k1' }, { text: 'x', status: 'closed' }, 409, 'transition_not_allowed'],
  ])('with %j and %j is refused: %s %s', async (headers, body, status, expected) => {
    const number = await api.receive(aFeedback());
    expect(code(await post(number, 'replies', body, headers as Record<string, string>))).toEqual([status, expected]);
    expect((await get(number)).body.messages).toHaveLength(1);
  });

  it('cannot go to an anonymous form', async () => {
    const number = await api.receive(
      aFeedback({
        channel: 'web_form',
        conversationKey: randomUUID().replaceAll('-', ''),
        author: { verified: false },
      }),
    );
    expect(code(await post(number, 'replies', { text: 'x' }, { 'idempotency-key': 'k' }))).toEqual([422, 'no_address']);
  });

  it('may be sent again, linked to the first', async () => {
    const number = await api.receive(aFeedback());
    const first = await post(number, 'replies', { text: 'x' }, { 'idempotency-key': 'a' });
    const again = await post(number, 'replies', { text: 'x', repeats: first.body.id }, { 'idempotency-key': 'b' });
    expect(again.status).toBe(202);
    const messages = (await get(number)).body.messages as Body[];
    expect(messages.at(-1)).toMatchObject({ id: again.body.id, repeats: first.body.id });
  });
});

describe('a note', () => {
  it('is for colleagues only, and written once', async () => {
    const number = await api.receive(aFeedback());
    const headers = { 'idempotency-key': 'n' };
    const [one, two] = [
      await post(number, 'notes', { text: 'Gọi lại' }, headers),
      await post(number, 'notes', { text: 'Gọi lại' }, headers),
    ];
    expect([one.status, two.body]).toEqual([201, one.body]);
    const ticket = (await get(number)).body;
    expect(ticket.notes).toEqual([
      {
        id: one.body.id,
        agent: { id: expect.any(String) as string, name: 'Nguyễn Thị Hoa' },
        text: 'Gọi lại',
        at: one.body.at,
      },
    ]);
    expect(ticket.messages).toHaveLength(1);
  });
});
