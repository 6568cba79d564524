import { documentedMetaLists, MetaSimulator } from '#testing';
import { type MetaInbox, missedMessages } from './conversations.js';

const page = '1067280970047460';
const now = Date.now();
const since = new Date(now - 600_000);
const never = new AbortController().signal;
const time = (minutesAgo: number) => `${new Date(now - minutesAgo * 60_000).toISOString().slice(0, 19)}+0000`;
const said = (id: string, minutesAgo = 1, over: object = {}) => ({
  ...{ id, created_time: time(minutesAgo), message: `text of ${id}` },
  ...{ from: { id: '501', name: 'An' }, to: { data: [{ id: page, name: 'Trang' }] }, ...over },
});
const conversation = (messages: unknown, minutesAgo = 1) => ({ id: 't_1', updated_time: time(minutesAgo), messages });
const answer = (body: unknown) => ({ status: 200, body: JSON.stringify(body) });
const list = (...conversations: readonly unknown[]) => answer({ data: conversations });
const furtherPages = { cursors: { after: 'c1' }, next: 'http://169.254.169.254/?access_token=x' };

interface Told {
  readonly object: string;
  readonly entry: readonly { readonly messaging: readonly Record<string, unknown>[] }[];
}

describe("what Graph's conversations hold", () => {
  let meta: MetaSimulator;
  beforeAll(async () => {
    meta = await MetaSimulator.start({ appSecret: 's', accessToken: 't' });
  });
  afterAll(() => meta.close());

  const read = async (over: Partial<MetaInbox> = {}, from = since) => {
    const inbox = { api: meta.api, accessToken: 't', channel: 'messenger', sender: page, address: page, ...over };
    const told: Told[] = [];
    const reading = (async () => {
      for await (const body of missedMessages(inbox, from, never)) told.push(JSON.parse(body.toString()) as Told);
    })();
    const error = await reading.then(
      () => undefined,
      (failed: Error) => `${failed.name}: ${failed.message}`,
    );
    const updates = told.flatMap(({ entry }) => entry.flatMap(({ messaging }) => messaging));
    const ids = updates.map(({ message }) => (message as { mid: string }).mid);
    return { told, updates, ids, error };
  };

  it('is told as the webhook would have told it, files and our own words too', async () => {
    const files = [
      { mime_type: 'image/jpeg', name: 'a', image_data: { url: 'https://x.fbcdn.net/a' } },
      { mime_type: 'video/mp4', name: 'b', video_data: { url: 'https://x.fbcdn.net/b' } },
      { mime_type: 'audio/mp4', name: 'c', file_url: 'https://x.fbcdn.net/c' },
      { mime_type: 'application/pdf', name: 'd', file_url: 'https://x.fbcdn.net/d' },
      { mime_type: 'x' },
    ];
    const echo = said('m_2', 1, { from: { id: page }, to: { data: [{ id: '501' }] } });
    meta.failNext(list(conversation({ data: [said('m_1', 1, { message: '', attachments: { data: files } }), echo] })));
    const { told, updates, error } = await read();
    const at = Date.parse(time(1));
    const file = (type: string, name: string) => ({ type, payload: { url: `https://x.fbcdn.net/${name}` } });
    const attachments = [file('image', 'a'), file('video', 'b'), file('audio', 'c'), file('file', 'd')];
    expect([error, told[0]?.object, updates]).toEqual([
      undefined,
      'page',
      [
        { sender: { id: '501' }, recipient: { id: page }, timestamp: at, message: { mid: 'm_1', attachments } },
        {
          ...{ sender: { id: page }, recipient: { id: '501' }, timestamp: at },
          message: { mid: 'm_2', text: 'text of m_2', is_echo: true },
        },
      ],
    ]);
  });

  it('is read until a whole page of conversations is older, and each until its older messages', async () => {
    const first = conversation({ data: [said('m_1'), said('m_2')], paging: furtherPages });
    const old = conversation({ data: [said('m_9', 30)] }, 30);
    meta.failNext(
      answer({ data: [first, old], paging: furtherPages }),
      answer({ data: [said('m_3', 5), said('m_4', 20)], paging: furtherPages }),
      answer({ data: [old, old], paging: { ...furtherPages, cursors: { after: 'c2' } } }),
    );
    expect(await read()).toMatchObject({ ids: ['m_1', 'm_2', 'm_3'], error: undefined });
  });

  it('is read for an account without an address as of the page whose token it is', async () => {
    meta.failNext(answer({ id: page }), list(conversation({ data: [said('m_1')] })));
    expect(await read({ sender: 'me', address: undefined })).toMatchObject({ ids: ['m_1'], error: undefined });
  });

  it('on Instagram stays in doubt when there is more than the twenty messages that it shows', async () => {
    const messages = { data: [said('m_1')], paging: furtherPages };
    meta.failNext(list(conversation(messages), conversation({ data: [said('m_2')] })), list({ id: 'm_0' }));
    const { ids, error } = await read({ channel: 'instagram' });
    expect([ids, error]).toEqual([
      ['m_1', 'm_2'],
      'ListGoneError: Instagram does not show all messages of 1 conversations',
    ]);
  });

  const longAgo = new Date(0);
  it('is understood as Graph has answered for a page', async () => {
    const { messenger } = documentedMetaLists;
    meta.failNext(answer(messenger.payload), list());
    const inbox = { sender: '1785032935073759', address: '1785032935073759' };
    expect(await read(inbox, longAgo)).toMatchObject({
      updates: [
        {
          ...{ sender: { id: '2754244529084840' }, recipient: { id: inbox.address } },
          timestamp: Date.parse('2017-04-16T12:54:00Z'),
          message: { mid: 'm_mid.$cAAYNjHrtQCVhqBkJT1bdtO6qvBit', text: 'alo]' },
        },
      ],
      error: undefined,
    });
  });

  it('is understood as Graph has answered for Instagram, which names a next page behind the last message too', async () => {
    const { instagram } = documentedMetaLists;
    meta.failNext(answer(instagram.payload), list());
    const inbox = { channel: 'instagram', sender: '17841400000000002', address: '17841400000000002' };
    expect(await read(inbox, longAgo)).toMatchObject({
      updates: [
        {
          ...{ sender: { id: inbox.address }, recipient: { id: '8575547006700090' } },
          timestamp: Date.parse('2026-02-18T18:37:25Z'),
          message: { text: 'hello first conversations', is_echo: true },
        },
      ],
      error: undefined,
    });
  });

  it.each([
    [documentedMetaLists.conversations, undefined],
    [documentedMetaLists.instagramConversations, undefined],
  ])('has nothing to tell where only conversations were answered: $what', async ({ payload }, error) => {
    meta.failNext(answer(payload));
    expect(await read({}, longAgo)).toMatchObject({ ids: [], error });
  });

  it('is read by seconds since 1970 as well, as the documentation writes times', async () => {
    const seconds = String(Math.floor(now / 1000));
    const old = { ...documentedMetaLists.conversations.payload.data[0], messages: { data: [said('m_9')] } };
    const late = { ...old, updated_time: seconds, messages: { data: [said('m_1', 1, { created_time: seconds })] } };
    meta.failNext(list(late, old));
    const { updates, error } = await read();
    expect([error, updates.map(({ timestamp }) => timestamp)]).toEqual([undefined, [Number(seconds) * 1000]]);
  });

  it('stays in doubt where a next page has no cursor, as old versions page by time', async () => {
    meta.failNext(list(conversation(documentedMetaLists.messagesByTime.payload)));
    expect((await read()).error).toBe('ListError: the answer names a next page without a cursor');
  });

  const ofOthers = said('m_7', 1, { to: { data: [{ id: '999' }] } });
  it.each([
    ['is not JSON', { status: 200, body: 'x' }, [], 'no JSON object'],
    ['has no list', answer({ data: {} }), [], 'has no list'],
    ['has no list of messages', list(conversation({ error: {} })), [], 'has no list'],
    ['has nothing that is a conversation', list(null, 'x', [], { id: 7 }), [], undefined],
    ['has messages of others', list(conversation({ data: [ofOthers, said('m_1')] })), ['m_1'], '1 of the messages'],
    ['has messages without anything', list(conversation({ data: [{}, null, 5] })), [], '1 of the messages'],
    ['asks for patience', MetaSimulator.error(400, 4, undefined, { 'retry-after': '9' }), [], '400'],
    ['has an expired token', MetaSimulator.error(401, 190), [], '401'],
  ])('is asked for again when an answer %s', async (_, hostile, expected, why) => {
    meta.failNext(hostile);
    const { ids, error } = await read();
    expect([ids, error]).toEqual([expected, why === undefined ? undefined : expect.stringContaining(why)]);
  });

  it('is asked for again when pages go round, and our token goes to nobody whom they name', async () => {
    const round = answer({ data: [conversation({ data: [said('m_1')] })], paging: furtherPages });
    meta.failNext(round, round, round);
    expect((await read()).error).toMatch(/^ListError: a page names itself/);
  });
});
