import type { ChannelAccount } from '#env';
import { deliverWebhooks, documentedMeta, MetaSimulator, postWebhook, uniqueName, waitFor } from '#testing';
import { refusals } from './refusals.js';
import { ServiceUnderTest } from './service-under-test.js';

const page = '1067280970047460';
const app = { appSecret: 'app-secret-of-now', accessToken: 'the-access-token' };

describe('Meta', () => {
  const ids = {
    messenger: uniqueName('messenger'),
    facebook_comment: uniqueName('comments'),
    instagram: uniqueName('instagram'),
    whatsapp: uniqueName('whatsapp'),
  };
  const all = Object.values(ids);
  let meta: MetaSimulator;
  let service: ServiceUnderTest;
  let url: string;
  beforeAll(async () => {
    meta = await MetaSimulator.start(app);
    const account = (channel: keyof typeof ids, address: string): ChannelAccount => ({
      id: ids[channel],
      channel,
      provider: 'meta',
      address,
      credentials: { ...app, verifyToken: 'the-verify-token' },
      options: { api: meta.api },
    });
    service = await ServiceUnderTest.start([
      account('messenger', page),
      account('facebook_comment', page),
      account('instagram', '17841400000000000'),
      account('whatsapp', '106540352242922'),
    ]);
    url = `${service.url}/webhooks/meta/${ids.messenger}`;
  }, 90_000);
  afterAll(async () => {
    await service.close();
    await meta.close();
  });

  it('gets its challenge back, with the right token only', async () => {
    const ask = async (token: string) => {
      const query = new URLSearchParams({
        'hub.mode': 'subscribe',
        'hub.verify_token': token,
        'hub.challenge': '<b>42',
      });
      const response = await fetch(`${url}?${query.toString()}`);
      return [response.status, response.headers.get('content-type'), (await response.text()).slice(0, 5)];
    };
    expect(await ask('the-verify-token')).toEqual([200, 'text/plain; charset=utf-8', '<b>42']);
    expect((await ask('another-token'))[0]).toBe(403);
  });

  it('is refused when it is not proven, and none of it is kept', async () => {
    const good = meta.webhook(meta.messenger(page, '5', 'không tin được'));
    const stranger = await MetaSimulator.start({ ...app, appSecret: 'app-secret-of-yesterday' });
    const old = stranger.sign(JSON.parse(good.body.toString()));
    await stranger.close();
    await refusals(url, [
      ['no header', { ...good, headers: {} }],
      ['an old secret', { ...good, headers: old.headers }],
      ['one byte changed', { ...good, body: Buffer.from(good.body.toString().replace('tin', 'tim')) }],
      ['letters written anew', { ...good, body: Buffer.from(JSON.stringify(JSON.parse(good.body.toString()))) }],
    ]);
    expect([await service.events(all, 0), await service.deadLetters(all)]).toEqual([[], []]);
  }, 60_000);

  it('becomes events on each of its channels: the documented payloads, an edit, a deletion, a file; twice is once', async () => {
    const comment = meta.comment(page, '77', 'Mạng chậm quá');
    const value = (comment.entry['changes'] as { value: Record<string, unknown> }[])[0]?.value ?? {};
    const bytes = Buffer.from('%PDF-1.7 một tệp nhỏ');
    const webhooks = [
      ...Object.values(documentedMeta).map(({ payload }) => meta.sign(payload)),
      meta.webhook(
        comment,
        meta.comment(page, '77', 'Mạng rất chậm', { ...value, verb: 'edited', message: 'Mạng rất chậm' }),
      ),
      meta.webhook(meta.comment(page, '77', '', { ...value, verb: 'remove' })),
      meta.webhook(meta.echo(page, '5', 'Chúng tôi đang xem')),
      meta.webhook(meta.instagram('17841400000000000', '88', 'Chào')),
      meta.webhook(meta.whatsAppFile('106540352242922', '84900000001', { type: 'application/pdf', bytes })),
    ];
    expect(await deliverWebhooks(url, webhooks, { times: 2, connections: 3 })).toEqual(
      Array(2 * webhooks.length).fill(200),
    );
    const events = await service.events(all, 22);
    const known = new Map(events.map((event) => [event.id, event]));
    const told = [...known.values()].map(({ account, kind }) => `${account} ${kind}`).toSorted();
    expect(told).toEqual(
      [
        `${ids.messenger} message`,
        `${ids.messenger} echo`,
        `${ids.messenger} echo`,
        `${ids.facebook_comment} comment`,
        `${ids.facebook_comment} comment`,
        `${ids.facebook_comment} edit`,
        `${ids.facebook_comment} deletion`,
        `${ids.instagram} comment`,
        `${ids.instagram} message`,
        `${ids.whatsapp} message`,
        `${ids.whatsapp} message`,
      ].toSorted(),
    );
    const file = [...known.values()].find(({ attachments }) => attachments.length > 0);
    expect(file).toMatchObject({
      author: { identity: { kind: 'phone', value: '+84900000001' } },
      attachments: [{ name: 'tệp', mediaType: 'application/pdf', bytes: bytes.length }],
    });
    expect(await service.filesInStore()).toContain(file?.attachments[0]?.sha256);
  }, 90_000);

  it('with 1,000 updates of which one is broken keeps 999 and the one, each by itself', async () => {
    const updates = Array.from({ length: 1_000 }, (_, index) =>
      meta.messenger(page, String(10_000 + index), `số ${index}`),
    );
    const broken = {
      object: 'page',
      entry: { id: page, time: 1, messaging: [{ sender: {}, message: { mid: 'm' } }] },
    } as const;
    const batch = meta.webhook(...updates.slice(0, 500), broken, ...updates.slice(501));
    expect(await postWebhook(url, batch)).toMatchObject({ status: 200 });
    // Distinct ones: while the broker is slow, pairs are spooled that are on the log already.
    const known = await waitFor(
      async () => {
        const events = await service.events(all, 0);
        const numbered = new Set(events.filter(({ text }) => /^số \d+$/.test(text)).map(({ id }) => id));
        return numbered.size >= 999 ? numbered : undefined;
      },
      { timeoutMs: 60_000 },
    );
    expect(known.size).toBe(999);
    const letters = await service.deadLetters(all);
    expect(
      letters.map(({ reason, detail, body }) => [
        reason,
        detail,
        JSON.parse(String(Buffer.from(body?.base64 ?? '', 'base64'))) as unknown,
      ]),
    ).toEqual([['schema_violation', 'sender.id', { object: 'page', entry: [broken.entry] }]]);
  }, 90_000);
});
