import { contracts, topics } from '#contracts';
import type { ChannelAccount } from '#env';
import type { Database } from '#postgres';
import {
  documentedLine,
  documentedMeta,
  documentedTelegram,
  documentedTwilio,
  documentedZalo,
  LineSimulator,
  MetaSimulator,
  postWebhook,
  TwilioSimulator,
  uniqueName,
  waitFor,
  type Webhook,
  ZaloSimulator,
} from '#testing';
import { authToken, ourNumber, type PhoneService, phoneService, signed } from '../phone/phone-service.js';
import { ServiceUnderTest } from '../social/service-under-test.js';

type Payload = Readonly<Record<string, unknown>>;

/** One way in: how its provider signs the documented payload under a secret, with which header, and what changes when one byte does. */
interface WayIn {
  readonly what: string;
  readonly url: () => string;
  readonly account: () => string;
  readonly sign: (secret: string) => Webhook;
  readonly header: string;
  readonly secret: string;
  readonly refusal: 401 | 403;
  /** The proof is a shared word that covers no bytes. */
  readonly isWord?: true;
}

const now = 'the-secret-of-now';
const old = 'the-secret-of-yesterday';
const page = '1067280970047460';
const zaloApp = { appId: '360846524940903967', oaId: '388613280878808645' };
const ids = {
  ...{ telegram: uniqueName('telegram'), zalo: uniqueName('zalo'), line: uniqueName('line') },
  ...{ messenger: uniqueName('messenger'), facebook_comment: uniqueName('comments') },
  ...{ instagram: uniqueName('instagram'), whatsapp: uniqueName('whatsapp') },
};
let social: ServiceUnderTest;
let phone: PhoneService;

const account = (
  channel: keyof typeof ids,
  provider: string,
  address: string,
  credentials: object,
): ChannelAccount => ({
  ...{ id: ids[channel], channel, provider, address, options: {} },
  credentials: { ...credentials },
});
const metaKeys = { appSecret: now, verifyToken: 'the-verify-token', accessToken: 'the-access-token' };

const network = (provider: string, channel: keyof typeof ids) => ({
  what: channel,
  url: () => `${social.url}/webhooks/${provider}/${ids[channel]}`,
  account: () => ids[channel],
  ...({ secret: now, refusal: 401 } as const),
});
const ofMeta = (channel: 'messenger' | 'facebook_comment' | 'instagram' | 'whatsapp', payload: Payload): WayIn => ({
  ...network('meta', channel),
  sign: (appSecret) => new MetaSimulator({ appSecret, accessToken: '' }).sign(payload),
  header: 'x-hub-signature-256',
});
const byPhone = (what: string, path: () => string, id: () => string) => ({
  what,
  url: () => `${phone.url}${path()}`,
  account: id,
  refusal: 403 as const,
});
const ofTwilio = (what: string, fields: Readonly<Record<string, string>>, path: string, id: () => string): WayIn => {
  const way = byPhone(what, () => `/webhooks/twilio/${id()}/${path}`, id);
  const { url } = way;
  return {
    ...way,
    ...{ secret: authToken, header: 'x-twilio-signature' },
    sign: (token) => new TwilioSimulator({ accountSid: 'AC0', authToken: token }).sign(url(), fields),
  };
};
const ofJson = (what: string, body: Payload, path: string, id: () => string): WayIn => {
  const bytes = Buffer.from(JSON.stringify(body));
  return {
    ...byPhone(what, () => `/webhooks/${path}/${id()}`, id),
    ...{ secret: 'a secret of the gateway and of the exchange', header: 'x-gateway-signature' },
    sign: (secret) => ({ body: bytes, headers: signed(bytes, secret) }),
  };
};

const ways: readonly WayIn[] = [
  {
    ...network('telegram', 'telegram'),
    ...{ header: 'x-telegram-bot-api-secret-token', isWord: true },
    sign: (secret) => ({
      body: Buffer.from(JSON.stringify(documentedTelegram.text.payload)),
      headers: { 'x-telegram-bot-api-secret-token': secret },
    }),
  },
  {
    ...network('zalo', 'zalo'),
    header: 'x-zevent-signature',
    sign: (oaSecretKey) => new ZaloSimulator({ ...zaloApp, oaSecretKey }).sign(documentedZalo.text.payload),
  },
  ofMeta('messenger', documentedMeta.message.payload),
  ofMeta('facebook_comment', documentedMeta.comment.payload),
  ofMeta('instagram', documentedMeta.instagramComment.payload),
  ofMeta('whatsapp', documentedMeta.whatsApp.payload),
  {
    ...network('line', 'line'),
    header: 'x-line-signature',
    sign: (channelSecret) =>
      new LineSimulator({ channelSecret, channelAccessToken: '' }).sign(documentedLine.text.payload),
  },
  ofTwilio('sms by Twilio', { ...documentedTwilio.incoming.payload, To: ourNumber }, 'sms', () => phone.ids.twilio),
  ofTwilio(
    'call by Twilio',
    { ...documentedTwilio.callStatus.payload, To: ourNumber },
    'voice-status',
    () => phone.ids.voice,
  ),
  ofJson(
    'sms by a gateway',
    { id: 'g-1', from: '0901234567', to: ourNumber, text: 'Mat mang', at: '2026-11-22T02:00:00Z' },
    'sms',
    () => phone.ids.gateway,
  ),
  ofJson(
    'call by an exchange',
    {
      uuid: 'c-1',
      caller: '0901234567',
      callee: ourNumber,
      start: '2026-11-22T02:00:00Z',
      billsec: 5,
      result: 'ANSWERED',
    },
    'pbx',
    () => phone.ids.pbx,
  ),
];

/** The last letter of the body is another one; of a word, its own last letter. */
function withOneByteChanged({ header, isWord }: WayIn, { body, headers }: Webhook): Webhook {
  const change = (text: string) => text.replace(/[a-z](?=[^a-z]*$)/, (letter) => (letter === 'a' ? 'b' : 'a'));
  return isWord === true
    ? { body, headers: { ...headers, [header]: change(headers[header] ?? '') } }
    : { body: Buffer.from(change(body.toString('latin1')), 'latin1'), headers };
}
const without = (header: string, { body, headers }: Webhook): Webhook => ({
  body,
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== header)),
});

beforeAll(async () => {
  const alone = { consumes: false };
  phone = await phoneService(alone);
  const accounts = [
    account('telegram', 'telegram', '', { botToken: '1:test', secretToken: now }),
    account('zalo', 'zalo', zaloApp.oaId, { appId: zaloApp.appId, oaSecretKey: now }),
    account('messenger', 'meta', page, metaKeys),
    account('facebook_comment', 'meta', page, metaKeys),
    account('instagram', 'meta', '17841400000000000', metaKeys),
    account('whatsapp', 'meta', '106540352242922', metaKeys),
    account('line', 'line', '', { channelSecret: now, channelAccessToken: 'x' }),
  ];
  social = await ServiceUnderTest.start(accounts, {}, alone);
}, 120_000);
afterAll(async () => {
  await social.close();
  await phone.close();
});

/** Everything that either service has put anywhere: both topics, and every table but that of migrations. */
async function stored(of: string) {
  const isOf = (event: { readonly account: string }) => event.account === of;
  const events = [
    ...(await social.events([of], 0)),
    ...(await phone.records(topics.feedbackReceived, contracts.feedbackReceived, isOf)),
  ].filter(({ id }, index, all) => all.findIndex((other) => other.id === id) === index);
  const letters = [
    ...(await social.deadLetters([of])),
    ...(await phone.records(
      topics.dead('phone-intake'),
      contracts.deadLetter,
      ({ source }) => source.kind === 'intake' && source.account === of,
    )),
  ];
  return { events: events.length, letters: letters.length };
}
async function rowsIn(database: Database, schema: string): Promise<Record<string, number>> {
  const tables = await database.query<{ name: string }>({
    name: 'tables',
    text: `select tablename as name from pg_tables where schemaname = $1 and tablename not in ('migrations', 'lease', 'intake_presence') order by 1`,
    values: [schema],
  });
  const counts = await Promise.all(
    tables.map(async ({ name }) => {
      const [row] = await database.query<{ n: number }>({
        name: `count-${name}`,
        text: `select count(*)::int as n from ${name}`,
      });
      return [name, row?.n ?? 0] as const;
    }),
  );
  return Object.fromEntries(counts.filter(([, n]) => n > 0));
}

describe('a webhook as its provider documents it', () => {
  it.each(ways)(
    'of $what: changed, under an old secret or without proof it is refused and stored nowhere',
    async (way) => {
      const genuine = way.sign(way.secret);
      const forged: readonly (readonly [string, Webhook])[] = [
        ['one byte changed', withOneByteChanged(way, genuine)],
        ['an old secret', way.sign(old)],
        ['no header', without(way.header, genuine)],
      ];
      const answers: (readonly [string, number])[] = [];
      for (const [what, webhook] of forged) answers.push([what, (await postWebhook(way.url(), webhook)).status]);
      expect(answers).toEqual(forged.map(([what]) => [what, way.refusal]));
      expect(await stored(way.account())).toEqual({ events: 0, letters: 0 });
    },
  );

  it('leaves no row, no file and no word behind when it was refused', async () => {
    const rows = [await rowsIn(social.database.database, 'social'), await rowsIn(phone.database, 'phone')];
    expect([rows, await social.filesInStore()]).toEqual([[{}, {}], []]);
  });

  it.each(ways)('of $what: genuine it is accepted and becomes one event, also twice', async (way) => {
    for (let times = 0; times < 2; times += 1) {
      const { status } = await postWebhook(way.url(), way.sign(way.secret));
      expect(Math.floor(status / 100)).toBe(2);
    }
    const kept = await waitFor(async () => {
      const found = await stored(way.account());
      return found.events > 0 ? found : undefined;
    });
    expect(kept).toEqual({ events: 1, letters: 0 });
  });
});
