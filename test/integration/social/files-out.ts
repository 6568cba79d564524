import type { ReplyRequested } from '#contracts';
import type { ChannelAccount } from '#env';
import { MetaSimulator, postWebhook, TelegramSimulator, uniqueName, ZaloSimulator } from '#testing';
import { Answers } from './answers.js';
import { ServiceUnderTest } from './service-under-test.js';

const page = '1067280970047460';
const zaloApp = {
  ...{ appId: '360846524940903967', oaSecretKey: 'oa-secret', oaId: '388613280878808645' },
  ...{ appSecret: 'app-secret', refreshToken: 'the first one' },
};
const keys = { appSecret: 'app-secret-of-now', accessToken: 'the-access-token' };
let next = 60_000;

describe('files of an answer', () => {
  const ids = {
    ...{ telegram: uniqueName('telegram'), zalo: uniqueName('zalo'), messenger: uniqueName('messenger') },
    ...{ instagram: uniqueName('instagram'), whatsapp: uniqueName('whatsapp') },
  };
  const zalo = new ZaloSimulator(zaloApp);
  let meta: MetaSimulator;
  let telegram: TelegramSimulator;
  let service: ServiceUnderTest;
  let answers: Answers;
  beforeAll(async () => {
    const { api, oauth } = await zalo.listen();
    meta = await MetaSimulator.start(keys);
    telegram = await TelegramSimulator.start({ botToken: '1:test', secretToken: 'x' });
    const { oaId, ...credentials } = zaloApp;
    const ofMeta = (channel: 'messenger' | 'instagram' | 'whatsapp', address: string): ChannelAccount => ({
      ...{ id: ids[channel], channel, provider: 'meta', address, options: { api: meta.api } },
      credentials: { ...keys, verifyToken: 'the-verify-token' },
    });
    service = await ServiceUnderTest.start([
      { id: ids.zalo, channel: 'zalo', provider: 'zalo', address: oaId, credentials, options: { api, oauth } },
      {
        ...{ id: ids.telegram, channel: 'telegram', provider: 'telegram', options: { api: telegram.api } },
        credentials: { botToken: '1:test', secretToken: 'x' },
      },
      ofMeta('messenger', page),
      ofMeta('instagram', '17841400000000000'),
      ofMeta('whatsapp', '106540352242922'),
    ]);
    answers = await Answers.of(service);
  }, 90_000);
  afterAll(async () => {
    await answers.close();
    await service.close();
    await Promise.all([zalo.close(), meta.close(), telegram.close()]);
  });

  const picture = () => service.keep('ảnh.png', 'image/png', 'a picture');
  const document = () => service.keep('hợp đồng.pdf', 'application/pdf', 'a contract');
  const ask = async (channel: keyof typeof ids, overrides: Partial<ReplyRequested>) => {
    const person = channel === 'whatsapp' ? `849000${++next}` : String(++next);
    const to =
      channel === 'whatsapp'
        ? ({ kind: 'phone', value: `+${person}` } as const)
        : ({ kind: 'handle', value: `${channel}:${person}` } as const);
    const reply = await answers.request({ account: ids[channel], channel, to, text: 'Xem tệp', ...overrides });
    const ofNetwork = {
      telegram: () => telegram.answers.filter(({ chatId }) => chatId === person),
      zalo: () => zalo.answers.filter(({ userId }) => userId === person),
    };
    const ofMeta = () => meta.answers.filter(({ to: who }) => who === person);
    return { reply, person, received: channel === 'telegram' || channel === 'zalo' ? ofNetwork[channel] : ofMeta };
  };
  const aPicture = { name: 'ảnh.png', type: 'image/png', text: 'a picture' };
  const aContract = { name: 'hợp đồng.pdf', type: 'application/pdf', text: 'a contract' };

  it('go out with the words below them where the network has one message for both', async () => {
    const one = await ask('telegram', { attachments: [await document()] });
    const two = await ask('telegram', { attachments: [await picture(), await document()] });
    const zaloPicture = await ask('zalo', { attachments: [await picture()] });
    const whatsApp = await ask('whatsapp', { attachments: [await document()] });
    for (const { reply } of [one, two, zaloPicture, whatsApp])
      expect(await answers.reached(reply, 'sent')).toEqual(['sending', 'sent']);
    expect(one.received()).toMatchObject([{ text: 'Xem tệp', files: [aContract] }]);
    expect(two.received()).toMatchObject([{ text: 'Xem tệp', files: [aPicture, aContract] }]);
    expect(zaloPicture.received()).toMatchObject([{ text: 'Xem tệp', file: aPicture }]);
    expect(whatsApp.received()).toMatchObject([{ text: 'Xem tệp', file: aContract, metadata: whatsApp.reply.id }]);
  });

  it('go before the words where they are messages of their own, and only the words prove the answer', async () => {
    const messenger = await ask('messenger', { attachments: [await picture(), await document()] });
    const instagram = await ask('instagram', { attachments: [await picture()] });
    const zaloContract = await ask('zalo', { attachments: [await document()] });
    for (const { reply } of [messenger, instagram, zaloContract])
      expect(await answers.reached(reply, 'sent')).toEqual(['sending', 'sent']);
    expect(messenger.received().map((one) => 'file' in one)).toEqual([true, true, false]);
    expect(messenger.received()).toMatchObject([
      { file: { ...aPicture, name: 'anh.png' }, metadata: 'phanhoi:part' },
      { file: { ...aContract, name: 'hop dong.pdf' }, metadata: 'phanhoi:part' },
      { text: 'Xem tệp', metadata: `phanhoi:${messenger.reply.id}` },
    ]);
    expect(instagram.received()).toMatchObject([{ file: { name: 'anh.png' } }, { text: 'Xem tệp' }]);
    expect(zaloContract.received()).toMatchObject([{ text: '', file: aContract }, { text: 'Xem tệp' }]);
    const echoes = meta.answers.filter(({ to }) => to === messenger.person).map((one) => meta.echoOf(page, one));
    await postWebhook(`${service.url}/webhooks/meta/${ids.messenger}`, meta.webhook(...echoes));
    expect(await service.events(Object.values(ids), 0)).toEqual([]);
  });

  it('go alone where there are no words', async () => {
    const { reply, received } = await ask('messenger', { text: '', attachments: [await picture()] });
    expect(await answers.reached(reply, 'sent')).toEqual(['sending', 'sent']);
    expect(received()).toMatchObject([{ text: '', metadata: `phanhoi:${reply.id}` }]);
  });

  it('that the network did not take leave nothing; words that it did not take after them are said to be missing', async () => {
    meta.failNext(MetaSimulator.error(400, 100));
    const refused = await ask('messenger', { attachments: [await picture()] });
    expect(await answers.reached(refused.reply, 'failed')).toEqual(['sending', 'failed message_rejected']);
    expect(refused.received()).toEqual([]);

    meta.failNext('hang_up');
    const uploaded = await ask('whatsapp', { attachments: [await picture()] });
    // Nobody was reached by an upload: it is tried again.
    expect(await answers.reached(uploaded.reply, 'sent')).toEqual([
      'sending',
      'requested no_answer',
      'sending',
      'sent',
    ]);
    expect(uploaded.received()).toHaveLength(1);
  });

  it('that are not in the store any more are not waited for', async () => {
    const gone = { ...(await picture()), sha256: 'f'.repeat(64) };
    const { reply, received } = await ask('telegram', { attachments: [gone] });
    expect(await answers.reached(reply, 'failed')).toEqual(['sending', 'failed message_rejected']);
    expect(received()).toEqual([]);
  });
});
