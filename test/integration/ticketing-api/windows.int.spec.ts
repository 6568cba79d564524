import { randomUUID } from 'node:crypto';
import type { FeedbackReceived } from '#contracts';
import { aFeedback } from '#testing';
import { ApiUnderTest } from './api-under-test.js';
import { handle, hoursAgo, number, said } from './network-messages.js';
import { ticketCalls } from './ticket-calls.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

const { get, patch, etagOf, post } = ticketCalls(() => api);
const hours = (count: number) => count * 3_600_000;
const closing = async (ticket: string) => (await get(ticket)).body.windowClosesAt;
const conversation = () => ({ conversationKey: randomUUID().replaceAll('-', '') });

describe('the end of a window', () => {
  it.each<[FeedbackReceived['channel'], number | undefined]>([
    ['messenger', 168],
    ['instagram', 168],
    ['zalo', 168],
    ['whatsapp', 24],
    ['telegram', undefined],
    ['facebook_comment', undefined],
    ['sms', undefined],
    ['email', undefined],
  ])('of %s is %s hours after the message', async (channel, length) => {
    const at = hoursAgo(1);
    const ticket = await api.receive(said(channel, handle(channel), { occurredAt: at }));
    const expected = length === undefined ? undefined : new Date(Date.parse(at) + hours(length)).toISOString();
    expect(await closing(ticket)).toBe(expected);
  });

  it('moves on with each message of the customer, and not back with one that comes late', async () => {
    const [who, thread] = [handle('zalo'), conversation()];
    const at = (ago: number) => ({ ...thread, occurredAt: hoursAgo(ago) });
    const ticket = await api.receive(said('zalo', who, at(9)));
    const first = Date.parse(String(await closing(ticket)));
    await api.receive(said('zalo', who, at(3)));
    await api.receive(said('zalo', who, at(6)));
    const now = Date.parse(String(await closing(ticket)));
    expect(Math.round((now - first) / hours(1))).toBe(6);
  });

  it('does not move with what our side writes, or what asks for erasure', async () => {
    const [who, thread] = [handle('zalo'), conversation()];
    const ticket = await api.receive(said('zalo', who, { ...thread, occurredAt: hoursAgo(9) }));
    const before = await closing(ticket);
    const author = { verified: true };
    await api.receive(
      said('zalo', who, { ...thread, kind: 'echo', author, recipients: [who] }),
      said('zalo', who, { ...thread, kind: 'erase_request' }),
    );
    expect(await closing(ticket)).toBe(before);
  });

  it('goes along into the ticket that stands for both, and away with a closed one', async () => {
    const mail = await api.receive(aFeedback());
    const chat = await api.receive(said('zalo', handle('zalo')));
    const until = await closing(chat);
    await post(chat, 'merge', { into: mail });
    expect(await closing(mail)).toBe(until);
    const participants = (await get(mail)).body.participants as { kind: string }[];
    expect(new Set(participants.map(({ kind }) => kind))).toEqual(new Set(['email', 'handle']));
    const rows = await api.db.database.query<{ count: number }>({
      name: 'closing_merged',
      text: 'SELECT count(*)::integer AS count FROM tickets WHERE merged_into IS NOT NULL AND window_closes_at IS NOT NULL',
      values: [],
    });
    expect(rows).toEqual([{ count: 0 }]);
    for (const status of ['resolved', 'closed']) await patch(mail, { status }, { 'if-match': await etagOf(mail) });
    expect(await closing(mail)).toBeUndefined();
  });
});

describe('the list by the end of the window', () => {
  const page = async (query: string) =>
    (await api.call({ url: `/api/v1/tickets?${query}`, as: 'supervisor' })).body as {
      items: { number: string }[];
      nextCursor?: string;
    };

  it.each([1, 2, 3, 50])(
    'has what closes first at the top and what never closes last, in pages of %i',
    async (limit) => {
      const { body: team } = await api.call({
        method: 'POST',
        url: '/api/v1/teams',
        as: 'supervisor',
        body: { name: randomUUID(), agents: [] },
      });
      const tickets: string[] = [];
      const add = async (event: FeedbackReceived) => {
        const ticket = await api.receive(event);
        await post(ticket, 'assign', { team: team.id });
        tickets.push(ticket);
      };
      const now = new Date().toISOString();
      await add(aFeedback());
      await add(said('zalo', handle('zalo'), { occurredAt: hoursAgo(1) }));
      await add(said('whatsapp', number(), { occurredAt: hoursAgo(20) }));
      await add(said('telegram', handle('telegram')));
      await add(said('messenger', handle('messenger'), { occurredAt: now }));
      await add(said('instagram', handle('instagram'), { occurredAt: now }));

      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const after = cursor === undefined ? '' : `&cursor=${cursor}`;
        const { items, nextCursor } = await page(`sort=windowClosesAt&team=${String(team.id)}&limit=${limit}${after}`);
        seen.push(...items.map((item) => item.number));
        cursor = nextCursor;
      } while (cursor !== undefined);

      expect(seen).toEqual([2, 1, 4, 5, 0, 3].map((index) => tickets[index]));
    },
  );

  it('reads the index of the windows, and no more of the rest than the page needs', async () => {
    await api.db.database.query({
      name: 'many_tickets',
      text: `INSERT INTO tickets (id, number, status, priority, channel, account, conversation_key, customer_id, sequence, opened_at,
                                  created_at, updated_at, window_closes_at)
             SELECT gen_random_uuid(), 100000 + n, 'open', 'normal', 'zalo', 'oa', n::text, gen_random_uuid(), 1, now(), now(), now(),
                    CASE WHEN n % 50 = 0 THEN now() + n * interval '1 minute' END FROM generate_series(1, 20000) AS n`,
      values: [],
    });
    await api.db.database.query({ name: 'analyze_tickets', text: 'ANALYZE tickets', values: [] });
    const text = `SELECT * FROM (
        (SELECT t.* FROM tickets t WHERE t.merged_into IS NULL AND t.window_closes_at IS NOT NULL ORDER BY t.window_closes_at, t.number LIMIT 51)
        UNION ALL (SELECT t.* FROM tickets t WHERE t.merged_into IS NULL AND t.window_closes_at IS NULL ORDER BY t.number LIMIT 51)) t
      ORDER BY t.window_closes_at NULLS LAST, t.number LIMIT 51`;
    const plan = await api.db.database.query<{ 'QUERY PLAN': string }>({
      name: 'plan',
      text: `EXPLAIN ${text}`,
      values: [],
    });
    const lines = plan.map((line) => line['QUERY PLAN']).join('\n');
    expect(lines).toContain('tickets_window');
    expect(lines).toContain('tickets_number');
    expect(lines).not.toContain('Seq Scan');
  });
});
