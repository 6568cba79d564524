import { randomUUID } from 'node:crypto';
import { conversationKey, formReference } from '#contracts';
import { aFeedback } from '#testing';
import { accounts, ApiUnderTest } from './api-under-test.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

const items = (body: Record<string, unknown>) => body.items as Record<string, unknown>[];
const numbers = (body: Record<string, unknown>) => items(body).map(({ number }) => number);
const list = async (query: string, as: keyof typeof accounts = 'supervisor') => {
  const { status, body } = await api.call({ url: `/api/v1/tickets?${query}`, as });
  expect({ status, code: body.code }).toEqual({ status: 200 });
  return body;
};
const aForm = (id: string) =>
  aFeedback({
    id,
    channel: 'web_form',
    account: 'contact',
    conversationKey: conversationKey('secret', `form:${id}`),
    reference: formReference(id),
    author: {
      displayName: 'Phạm Văn Đức',
      identity: { kind: 'email', value: `${id}@truong.example` },
      verified: false,
    },
    subject: 'Xin cấp lại mật khẩu',
  });

const commonTickets = `
  INSERT INTO tickets (id, number, status, priority, channel, account, conversation_key, customer_id, sequence, opened_at,
                       created_at, updated_at)
  SELECT gen_random_uuid(), 100000 + g, 'closed', 'normal', 'email', 'common', g, gen_random_uuid(), 1, now(), now(), now()
  FROM generate_series(1, 5200) g`;

describe('the list of tickets', () => {
  it('shows what a queue needs', async () => {
    const event = aForm(randomUUID());
    const number = await api.receive(event);
    const [item] = items(await list('channel=web_form&limit=1'));
    expect(item).toEqual({
      number,
      status: 'new',
      priority: 'normal',
      channel: 'web_form',
      account: 'contact',
      subject: 'Xin cấp lại mật khẩu',
      customer: { id: expect.any(String) as string, name: 'Phạm Văn Đức', address: event.author.identity?.value },
      tags: [],
      reference: event.reference,
      createdAt: expect.any(String) as string,
      updatedAt: expect.any(String) as string,
    });
  });

  it.each(['-number', 'number', '-updatedAt', 'updatedAt'])('pages by %s without loss or repetition', async (sort) => {
    for (let index = 0; index < 7; index += 1) await api.receive(aFeedback({ account: `paged${sort}` }));
    const all = numbers(await list(`sort=${sort}&limit=200`));
    const seen: unknown[] = [];
    for (let cursor = ''; ; ) {
      const page = await list(`sort=${sort}&limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...numbers(page));
      if (page.nextCursor === undefined) break;
      cursor = page.nextCursor as string;
    }
    expect(seen).toEqual(all);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('answers each filter, several words of one, and all together', async () => {
    const number = await api.receive(aFeedback());
    const ticket = (await api.call({ url: `/api/v1/tickets/${number}`, as: 'supervisor' })).body;
    const customer = (ticket.customer as { id: string }).id;
    const from = new Date(Date.parse(String(ticket.createdAt)) - 1000).toISOString();
    expect(
      numbers(
        await list(
          `status=new,open&channel=email&priority=normal&team=none&agent=none&category=none&customer=${customer}&from=${from}&q=${number}`,
        ),
      ),
    ).toEqual([number]);
    expect(numbers(await list(`q=${number}&status=closed`))).toEqual([]);
    expect(numbers(await list(`q=${number}&to=2020-01-01`))).toEqual([]);
    expect(numbers(await list(`q=${number}&from=2090-01-01T00:00:00%2B07:00`))).toEqual([]);
  });

  it('finds words of messages without diacritics, rare ones and such as half of all tickets have', async () => {
    const rare = await api.receive(aFeedback({ text: 'Thiết bị định tuyến Zyxelqua bị treo' }));
    await api.projectSearch();
    expect(numbers(await list(`q=${encodeURIComponent('thiet bi zyxelqua')}`))).toEqual([rare]);
    expect(numbers(await list(`q=${encodeURIComponent('ĐỊNH TUYẾN zyxelqua')}`))).toEqual([rare]);
    expect(numbers(await list('q=zyxelqu'))).toEqual([]);
    const common = { name: 'common_tickets', text: commonTickets };
    await api.db.database.execute(common);
    await api.db.database.execute({
      name: 'common_labels',
      text: `INSERT INTO ticket_search SELECT id, 'ph-' || number || ' pho bien' FROM tickets WHERE account = 'common'`,
    });
    const first = await list('q=bien+pho&limit=2');
    expect(numbers(first)).toEqual(['PH-105200', 'PH-105199']);
    expect(numbers(await list(`q=bien+pho&limit=2&cursor=${first.nextCursor as string}`))).toEqual([
      'PH-105198',
      'PH-105197',
    ]);
    await api.db.database.execute({ name: 'common_gone', text: `DELETE FROM tickets WHERE account = 'common'` });
  });

  it('refuses a cursor of another question or of another caller', async () => {
    const { nextCursor } = await list('limit=1');
    for (const [query, as] of [
      ['limit=1&status=new', 'supervisor'],
      ['limit=1&sort=number', 'supervisor'],
      ['limit=1', 'agent'],
    ] as const) {
      const answer = await api.call({ url: `/api/v1/tickets?${query}&cursor=${String(nextCursor)}`, as });
      expect([answer.status, answer.body.code]).toEqual([400, 'cursor_invalid']);
    }
  });
});

describe('one ticket', () => {
  it('comes with messages, timeline, participants and its sequence as ETag', async () => {
    const event = aFeedback({
      html: '<p>Xin chào</p>',
      quoted: '> cũ',
      attachments: [
        { sha256: 'a'.repeat(64), name: 'biên bản.pdf', mediaType: 'application/pdf', bytes: 12, inline: false },
      ],
    });
    const number = await api.receive(event);
    const { status, body, headers } = await api.call({ url: `/api/v1/tickets/${number}`, as: 'analyst' });
    expect([status, headers.etag]).toEqual([200, `"${String(body.sequence)}"`]);
    expect(body.messages).toEqual([
      {
        id: event.id,
        eventId: event.id,
        direction: 'inbound',
        kind: 'message',
        automatic: false,
        channel: 'email',
        account: 'support',
        author: {
          name: 'Nguyễn Thị An',
          identity: { kind: 'email', value: 'an@truong-le-loi.example' },
          verified: true,
          newParticipant: false,
        },
        recipients: [{ kind: 'email', value: 'support@phanhoi.example' }],
        subject: 'Mất kết nối',
        text: event.text,
        html: '<p>Xin chào</p>',
        quoted: '> cũ',
        at: event.occurredAt,
        receivedAt: event.receivedAt,
        providerMessageId: event.provider.messageId,
        attachments: [{ ...event.attachments[0], scan: 'not_scanned' }],
        flags: [],
      },
    ]);
    expect(body.participants).toEqual([
      { kind: 'email', value: 'an@truong-le-loi.example' },
      { kind: 'email', value: 'support@phanhoi.example' },
    ]);
    const timeline = body.timeline as { sequence: number; type: string }[];
    expect(timeline.map(({ sequence, type }) => [sequence, type])).toEqual([
      [1, 'opened'],
      [2, 'message_added'],
    ]);
  });

  it.each(['PH-999999', 'PH-0', 'XX-1', '1', 'PH-1;--', `PH-${'9'.repeat(40)}`, '%00'])(
    'answers 404 for %s',
    async (number) => {
      const { status, body } = await api.call({ url: `/api/v1/tickets/${number}`, as: 'agent' });
      expect([status, body.code]).toEqual([404, 'ticket_unknown']);
    },
  );

  it('pages back through a long conversation', async () => {
    const root = aFeedback();
    await api.receive(root);
    const { conversationKey: key } = root;
    let number = '';
    for (let index = 1; index <= 4; index += 1) {
      const at = new Date(Date.parse(root.occurredAt) + index * 1000).toISOString();
      const thread = { inReplyTo: root.provider.messageId, references: [root.provider.messageId], hints: [] };
      number = await api.receive(
        aFeedback({ conversationKey: key, thread, occurredAt: at, receivedAt: at, text: `thư ${index}` }),
      );
    }
    const url = `/api/v1/tickets/${number}/messages?limit=2`;
    const newest = (await api.call({ url, as: 'agent' })).body;
    expect(items(newest).map(({ text }) => text)).toEqual(['thư 3', 'thư 4']);
    const before = (await api.call({ url: `${url}&cursor=${String(newest.nextCursor)}`, as: 'agent' })).body;
    expect(items(before).map(({ text }) => text)).toEqual(['thư 1', 'thư 2']);
  });
});
