import type { ReplyRequested } from '#contracts';
import { type Fault, postWebhook, uniqueName, waitFor, ZaloSimulator } from '#testing';
import { Answers, hoursAgo } from './answers.js';
import { ServiceUnderTest } from './service-under-test.js';

const app = {
  appId: '360846524940903967',
  oaSecretKey: 'oa-secret',
  oaId: '388613280878808645',
  appSecret: 'app-secret',
  refreshToken: 'the first one',
};
let next = 7_000;

describe('an answer by Zalo', () => {
  const account = uniqueName('zalo');
  const silent = uniqueName('silent');
  const zalo = new ZaloSimulator(app);
  let service: ServiceUnderTest;
  let answers: Answers;
  let url: string;
  beforeAll(async () => {
    const { api, oauth } = await zalo.listen();
    const { appId, oaSecretKey, appSecret, refreshToken } = app;
    const base = { channel: 'zalo', provider: 'zalo', options: { api, oauth } };
    service = await ServiceUnderTest.start([
      { ...base, id: account, address: app.oaId, credentials: { appId, oaSecretKey, appSecret, refreshToken } },
      { ...base, id: silent, address: '9', credentials: { appId, oaSecretKey } },
    ]);
    answers = await Answers.of(service);
    url = `${service.url}/webhooks/zalo/${account}`;
    zalo.echoEverything(url);
  }, 90_000);
  afterAll(async () => {
    await answers.close();
    await service.close();
    await zalo.close();
  });

  const ask = async (overrides: Partial<ReplyRequested> = {}) => {
    const person = String(++next);
    const to = { kind: 'handle' as const, value: `zalo:${person}` };
    const reply = await answers.request({ account, channel: 'zalo', to, text: `Chào ${person}`, ...overrides });
    return { reply, person, received: () => zalo.answers.filter(({ userId }) => userId === person) };
  };

  it('goes out once with a token got for the configured one; its echo, which overtakes the answer, is ours', async () => {
    const all = await Promise.all([ask(), ask(), ask()]);
    for (const { reply } of all) expect(await answers.reached(reply, 'sent')).toEqual(['sending', 'sent']);
    expect(all.map(({ received }) => received().length)).toEqual([1, 1, 1]);
    const [first] = all;
    expect((await answers.told(first.reply, 'sent'))?.providerMessageId).toBe(first.received()[0]?.messageId);
    expect(zalo.exchanges).toEqual(['the first one']);
    expect(await service.events([account], 0)).toEqual([]);
  });

  it('is told to have come and to be seen; twice and out of order', async () => {
    const { reply, person, received } = await ask();
    await answers.reached(reply, 'sent');
    const id = received()[0]?.messageId ?? '';
    for (const webhook of [zalo.arrived(person, id), zalo.arrived(person, id), zalo.seen(person, 'another', id)])
      expect(await postWebhook(url, webhook)).toMatchObject({ status: 200 });
    await postWebhook(url, zalo.arrived(person, id));
    expect(await answers.reached(reply, 'read')).toEqual(['sending', 'sent', 'delivered', 'read']);
  });

  it('whose receipt comes before our own call was answered moves once the message is known', async () => {
    zalo.failNext('message', 'hang_up');
    const { reply, person } = await ask();
    await answers.reached(reply, 'uncertain');
    expect(await postWebhook(url, zalo.arrived(person, 'early'))).toMatchObject({ status: 200 });
    await service.database.dataSource.query('update outbound set provider_message_id = $2 where reply_id = $1', [
      reply.id,
      'early',
    ]);
    const states = ['sending', 'uncertain no_answer', 'sent', 'delivered'];
    expect(await answers.reached(reply, 'delivered')).toEqual(states);
  });

  it('of which the answer was lost is proven sent by the echo', async () => {
    zalo.failNext('message', 'take_and_hang_up');
    const { reply, received } = await ask();
    const states = await answers.reached(reply, 'sent');
    // The echo comes while our own call still waits, or after.
    expect([
      ['sending', 'sent'],
      ['sending', 'uncertain no_answer', 'sent'],
    ]).toContainEqual(states);
    expect(received()).toHaveLength(1);
  });

  it('of a colleague in the console is an echo; of another app it is none', async () => {
    const person = String(++next);
    for (const webhook of [zalo.echo(person, 'từ chatbot'), zalo.echo(person, 'từ đồng nghiệp', 'admin-1')])
      expect(await postWebhook(url, webhook)).toMatchObject({ status: 200 });
    const events = await waitFor(async () => {
      const found = await service.events([account], 1);
      return found.length > 0 ? found : undefined;
    });
    expect(events.map(({ kind, text }) => [kind, text])).toEqual([['echo', 'từ đồng nghiệp']]);
  });

  it('gets another token when Zalo does not take the one it has', async () => {
    zalo.revokeAccess();
    const { reply, received } = await ask();
    const states = await answers.reached(reply, 'sent');
    expect(states.slice(0, 2)).toEqual(['sending', 'requested authentication_failed']);
    expect([received().length, zalo.exchanges.length]).toEqual([1, 2]);
  });

  it.each<[number, string]>([
    [-230, 'failed window_closed'],
    [-213, 'failed recipient_unreachable'],
    [-227, 'failed recipient_unreachable'],
    [-244, 'failed recipient_unreachable'],
    [-999, 'failed message_rejected'],
  ])('that Zalo answers with HTTP 200 and %i is %s', async (code, state) => {
    zalo.failNext('message', ZaloSimulator.error(code));
    const { reply, received } = await ask();
    expect(await answers.reached(reply, 'failed')).toEqual(['sending', state]);
    expect(received()).toEqual([]);
  });

  it('beyond the rate is sent later', async () => {
    zalo.failNext('message', ZaloSimulator.error(-32));
    const { reply, received } = await ask();
    const states = ['sending', 'requested too_many_requests', 'sending', 'sent'];
    expect(await answers.reached(reply, 'sent')).toEqual(states);
    expect(received()).toHaveLength(1);
  });

  it.each<[string, Fault]>([
    ['no JSON', { status: 200, body: '<html>' }],
    ['a failure of a gateway', { status: 502, body: '' }],
    ['nothing', 'hang_up'],
  ])('answered with %s is uncertain, and not sent again', async (_, fault) => {
    zalo.failNext('message', fault);
    const { reply, received } = await ask();
    expect(await answers.reached(reply, 'uncertain')).toEqual(['sending', 'uncertain no_answer']);
    expect(received()).toEqual([]);
  });

  it.each<[string, Partial<ReplyRequested>, string]>([
    ['a week after the customer wrote', { customerWroteAt: hoursAgo(169) }, 'window_closed'],
    ['beyond 2000 characters', { text: 'ệ'.repeat(2_001) }, 'message_too_large'],
    ['by an account that nobody has signed in for', { account: silent }, 'reauthorization_needed'],
  ])('is refused, and nothing leaves, %s', async (_, overrides, code) => {
    const { reply, received } = await ask(overrides);
    expect(await answers.reached(reply, 'failed')).toEqual(['sending', `failed ${code}`]);
    expect(received()).toEqual([]);
  });
});
