import { randomInt, randomUUID } from 'node:crypto';
import {
  isRetriedByZalo,
  MetaSimulator,
  SmsGatewaySimulator,
  TelegramSimulator,
  TwilioSimulator,
  type Webhook,
  ZaloSimulator,
} from '#testing';
import { secretsOf, type Stack } from '../../tools/platform/stack.js';

/** Something that a customer says once, in the webhook of his provider. */
export interface Word {
  /** The words themselves, or the id of the call: no other has them. */
  readonly word: string;
  readonly url: string;
  readonly webhook: Webhook;
  /** Whether the provider comes again after this answer; 0 is none. */
  readonly isRetried: (status: number) => boolean;
}

/** Says the number-th word on one network; `person` is who, `padding` makes it longer. */
export type Speaker = (number: number, person: number, padding?: string) => Word;

export type Accounts = Pick<Stack, 'channels' | 'secrets'>;

/** Whoever wants to lose nothing comes again until somebody says yes. */
const untilTaken = (status: number) => status === 0 || status >= 300;
/** Customers of one run are nobody of another. */
const base = randomInt(1_000, 9_999);
const idOf = (person: number) => `${base}${String(person).padStart(9, '0')}`;
const numberOf = (network: number, person: number) => `+84${90 + network}${String(person).padStart(7, '0')}`;

/** Customers on social networks. */
export function socialSpeakers(accounts: Accounts): Record<string, Speaker> {
  const meta = new MetaSimulator(secretsOf<'appSecret' | 'accessToken'>(accounts, 'meta'));
  const telegram = new TelegramSimulator(secretsOf<'botToken' | 'secretToken'>(accounts, 'telegram'));
  const zaloAt = accountOf(accounts, 'zalo');
  const zalo = new ZaloSimulator({ ...secretsOf<'appId' | 'oaSecretKey'>(accounts, 'zalo'), oaId: zaloAt.address });
  const byMeta = (
    channel: string,
    update: (page: string, from: string, text: string) => ReturnType<MetaSimulator['messenger']>,
  ) => {
    const { url, address } = accountOf(accounts, channel);
    return speaker(url, untilTaken, (word, person) =>
      meta.webhook(update(address, channel === 'whatsapp' ? numberOf(8, person).slice(1) : idOf(person), word)),
    );
  };
  return {
    messenger: byMeta('messenger', (page, from, text) => meta.messenger(page, from, text)),
    facebook_comment: byMeta('facebook_comment', (page, from, text) => meta.comment(page, from, text)),
    instagram: byMeta('instagram', (page, from, text) => meta.instagram(page, from, text)),
    whatsapp: byMeta('whatsapp', (page, from, text) => meta.whatsApp(page, from, text)),
    zalo: speaker(zaloAt.url, isRetriedByZalo, (word, person) => zalo.text(idOf(person), word)),
    telegram: speaker(accountOf(accounts, 'telegram').url, untilTaken, (word, person) =>
      telegram.text({ id: Number(idOf(person)), firstName: 'Khách' }, word),
    ),
  };
}

/** Customers with telephones: by Twilio, by a gateway, and who call an exchange. @param secret of gateway and exchange. */
export function telephoneSpeakers(accounts: Accounts, secret: string): Record<string, Speaker> {
  const twilio = new TwilioSimulator({ accountSid: '', authToken: '', ...accounts.secrets['twilio'] });
  const signer = new SmsGatewaySimulator({ apiKey: '', webhookSecret: secret });
  const { url, address: to } = accountOf(accounts, 'sms');
  const home = new URL(url).origin;
  return {
    twilio: speaker(url, untilTaken, (word, person) =>
      twilio.sign(url, twilio.incoming({ From: numberOf(0, person), To: to, Body: word })),
    ),
    gateway: speaker(`${home}/webhooks/sms/gateway`, untilTaken, (word, person) =>
      signer.webhook({ id: randomUUID(), from: numberOf(1, person), to: gatewayNumber, text: word }),
    ),
    exchange: speaker(`${home}/webhooks/pbx/${exchangeAccount}`, untilTaken, (word, person) =>
      signer.webhook({
        ...{ uuid: word, caller: numberOf(2, person), callee: exchangeNumber, billsec: 65, result: 'ANSWERED' },
        start: new Date(Date.now() - 90_000).toISOString(),
      }),
    ),
  };
}

const gatewayNumber = '+842363888001';
export const exchangeNumber = '+842363888002';
/** Its id in the channels file. */
export const exchangeAccount = 'exchange';

const exchangeOutcomes = {
  ANSWERED: 'answered',
  'NO ANSWER': 'missed',
  BUSY: 'busy',
  FAILED: 'failed',
  VOICEMAIL: 'voicemail',
} as const;

/** Entries of a channels file for the gateway and the exchange, which config/channels.yaml has none of. */
export function telephoneAccounts(gatewayUrl: string, secret: string): string {
  const signature = { header: 'X-Gateway-Signature' };
  const body = { ApiKey: 'key', Phone: '{to}', Content: '{text}', RequestId: '{id}', CallbackUrl: '{callback}' };
  const gateway = {
    ...{ id: 'gateway', channel: 'sms', provider: 'gateway', address: gatewayNumber },
    credentials: { webhookSecret: secret },
    options: {
      ...{ request: { url: `${gatewayUrl}/send`, body }, signature, messageId: 'SMSID' },
      success: { field: 'CodeResult', values: ['100'] },
      inbound: { id: 'id', from: 'from', to: 'to', text: 'text' },
      status: { reply: 'RequestId', state: 'Status', states: { DELIVRD: 'delivered', UNDELIV: 'failed' } },
    },
  };
  const exchange = {
    ...{ id: exchangeAccount, channel: 'phone', provider: 'pbx', address: exchangeNumber },
    credentials: { webhookSecret: secret },
    options: {
      signature,
      fields: {
        ...{ id: 'uuid', from: 'caller', to: 'callee' },
        ...{ startedAt: 'start', duration: 'billsec', outcome: 'result' },
      },
      outcomes: exchangeOutcomes,
      // As Asterisk names the columns of its call records, with the direction and the agent that a dial plan adds.
      table: {
        columns: {
          ...{ id: 'uniqueid', direction: 'dcontext', from: 'src', to: 'dst', startedAt: 'calldate' },
          ...{ duration: 'billsec', outcome: 'disposition', agent: 'agent' },
        },
        directions: { 'from-trunk': 'inbound', 'from-internal': 'outbound' },
        outcomes: exchangeOutcomes,
      },
    },
  };
  // YAML reads JSON.
  return [gateway, exchange].map((account) => `  - ${JSON.stringify(account)}\n`).join('');
}

function speaker(
  url: string,
  isRetried: Word['isRetried'],
  webhook: (word: string, person: number) => Webhook,
): Speaker {
  return (number, person, padding = '') => {
    const word = `lời số ${base}-${number}${padding}`;
    return { word, url, isRetried, webhook: webhook(word, person) };
  };
}

function accountOf({ channels }: Accounts, wanted: string): { readonly url: string; readonly address: string } {
  const found = channels.find(({ channel }) => channel === wanted);
  if (found?.webhook === undefined) throw new Error(`there is no webhook of ${wanted}`);
  return { url: found.webhook, address: found.address ?? '' };
}
