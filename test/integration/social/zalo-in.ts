import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deliverWebhooks, documentedZalo, postWebhook, uniqueName, ZaloSimulator } from '#testing';
import { refusals } from './refusals.js';
import { ServiceUnderTest } from './service-under-test.js';

const app = { appId: '360846524940903967', oaSecretKey: 'oa-secret-of-now', oaId: '388613280878808645' };
const zalo = new ZaloSimulator(app);

describe('Zalo', () => {
  const account = uniqueName('zalo');
  let service: ServiceUnderTest;
  let files: Server;
  let url: string;
  let origin: string;
  beforeAll(async () => {
    files = createServer((_, response) => response.end(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46])));
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
    service = await ServiceUnderTest.start([
      {
        id: account,
        channel: 'zalo',
        provider: 'zalo',
        address: app.oaId,
        credentials: { appId: app.appId, oaSecretKey: app.oaSecretKey },
        options: { trustedOrigins: [origin] },
      },
    ]);
    url = `${service.url}/webhooks/zalo/${account}`;
  }, 90_000);
  afterAll(async () => {
    await service.close();
    files.close();
  });

  it('answers its probe, and refuses what is not proven: none of it is kept', async () => {
    expect(await postWebhook(url, zalo.probe())).toMatchObject({ status: 200 });
    const good = zalo.text('1', 'không tin được');
    const old = new ZaloSimulator({ ...app, oaSecretKey: 'oa-secret-of-yesterday' });
    await refusals(url, [
      ['no header', { ...good, headers: {} }],
      ['an old secret', { ...good, headers: old.sign(JSON.parse(good.body.toString()) as object as never).headers }],
      ['one byte changed', { ...good, body: Buffer.from(good.body.toString().replace('tin', 'tim')) }],
      ['bytes written anew', { ...good, body: Buffer.from(good.body.toString().replaceAll('":', '": ')) }],
    ]);
    expect([await service.events([account], 0), await service.deadLetters([account])]).toEqual([[], []]);
  }, 60_000);

  it('becomes events: the documented payload, a picture, a colleague, a call, a withdrawal; twice is once', async () => {
    const webhooks = [
      zalo.sign(documentedZalo.text.payload),
      zalo.image('2468458835296117922', `${origin}/a.jpg`, 'ảnh đồng hồ'),
      zalo.echo('2468458835296117922', 'Chúng tôi đang xem', 'admin-1'),
      zalo.call('2468458835296117922', 61_000),
      zalo.withdrawal('2468458835296117922'),
      zalo.echo('2468458835296117922', 'tự động'),
    ];
    expect(await deliverWebhooks(url, webhooks, { times: 2, connections: 3 })).toEqual(Array(12).fill(200));
    const all = await service.events([account], 10);
    const events = new Map(all.map((event) => [event.kind === 'message' ? event.text : event.kind, event]));
    expect([new Set(all.map(({ id }) => id)).size, [...events.keys()].toSorted()]).toEqual([
      5,
      ['call', 'echo', 'erase_request', 'message', 'ảnh đồng hồ'],
    ]);
    expect(events.get('message')).toMatchObject({
      author: { identity: { kind: 'handle', value: 'zalo:246845883529197922' }, verified: true },
      signals: { flags: ['time_clamped'] },
    });
    expect(events.get('ảnh đồng hồ')?.attachments).toMatchObject([{ name: 'image', detectedType: 'image/jpeg' }]);
    expect(events.get('echo')).toMatchObject({ recipients: [{ kind: 'handle', value: 'zalo:2468458835296117922' }] });
    expect(events.get('call')?.fields).toMatchObject({ call_outcome: 'answered', call_seconds: 61 });
    const customers = ['ảnh đồng hồ', 'echo', 'call', 'erase_request'].map((key) => events.get(key)?.conversationKey);
    expect(new Set(customers).size).toBe(1);
  }, 90_000);

  it('keeps what came to another Official Account, and a message whose picture is not to be had', async () => {
    const other = new ZaloSimulator({ ...app, oaId: '999' });
    const missing = zalo.image('7', 'http://169.254.169.254/latest/meta-data', 'ảnh nội bộ');
    expect(await deliverWebhooks(url, [other.text('7', 'nhầm cửa'), missing])).toEqual([200, 200]);
    const letters = await service.deadLetters([account]);
    expect(letters.map(({ reason }) => reason)).toEqual(['unknown_account']);
    const event = (await service.events([account], 11)).find(({ text }) => text === 'ảnh nội bộ');
    expect(event).toMatchObject({ attachments: [], signals: { flags: ['media_missing'] } });
  }, 60_000);
});
