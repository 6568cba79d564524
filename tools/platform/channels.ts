import { randomBytes, randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { Addresses, ProviderName } from './addresses.js';
import type { Stack } from './stack.js';

type Secrets = Readonly<Record<string, string>>;

/** Letters and digits only, so that it survives addresses, argument files and a human's eye. */
const word = () => randomBytes(12).toString('hex');
const digits = (beginning: string) => () => `${beginning}${randomInt(1e11, 1e12)}`;

const makers: Readonly<Record<string, () => string>> = {
  TELEGRAM_BOT_TOKEN: word,
  TELEGRAM_SECRET_TOKEN: word,
  ZALO_APP_ID: digits('36'),
  ZALO_OA_ID: digits('38'),
  ZALO_OA_SECRET_KEY: word,
  ZALO_APP_SECRET: word,
  ZALO_REFRESH_TOKEN: word,
  META_APP_SECRET: word,
  META_VERIFY_TOKEN: word,
  META_ACCESS_TOKEN: word,
  META_PAGE_ID: digits('10'),
  // Ids of Instagram's accounts begin like this.
  META_INSTAGRAM_ID: digits('1784'),
  META_WHATSAPP_NUMBER_ID: digits('11'),
};

/** Variables of config/channels.yaml that are made at the first start: what networks sign with towards this platform, and the ids of its accounts there. */
export const channelSecretNames = Object.keys(makers);

export interface ProviderSecrets {
  readonly channelSecrets: Record<string, string>;
  /** Of Twilio as this machine plays it. */
  readonly twilio: { readonly accountSid: string; readonly authToken: string };
}

export function newProviderSecrets(): ProviderSecrets {
  return {
    channelSecrets: Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, make()])),
    twilio: { accountSid: `AC${randomBytes(16).toString('hex')}`, authToken: randomBytes(16).toString('hex') },
  };
}

/** Of the exchange that films use: 555 belongs to nobody. */
const twilioNumber = '+12025550123';

const variables: Readonly<Record<ProviderName, string>> = {
  twilio: 'TWILIO_API_URL',
  telegram: 'TELEGRAM_API_URL',
  meta: 'META_API_URL',
  zalo: 'ZALO_API_URL',
  zaloSignIn: 'ZALO_OAUTH_URL',
};

/** Providers whose address the caller's environment does not name: they are played on this machine. */
export function providersPlayedHere(env: NodeJS.ProcessEnv): ProviderName[] {
  return (Object.keys(variables) as ProviderName[]).filter((name) => env[variables[name]] === undefined);
}

export interface ChannelSurroundings {
  readonly addresses: Pick<Addresses, 'imap' | 'smtp' | 'providers'>;
  readonly secrets: ProviderSecrets;
  readonly mailboxes: {
    readonly support: { readonly address: string; readonly user: string; readonly password: string };
  };
}

/** What config/channels.yaml asks for. */
export function channelSettings(
  { addresses, mailboxes, secrets }: ChannelSurroundings,
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  const played = Object.entries(variables).map(([name, variable]) => [
    variable,
    env[variable] ?? `http://127.0.0.1:${addresses.providers[name as ProviderName]}`,
  ]);
  return {
    ...secrets.channelSecrets,
    CHANNELS_FILE: env['CHANNELS_FILE'] ?? join(process.cwd(), 'config/channels.yaml'),
    SUPPORT_ADDRESS: mailboxes.support.address,
    SUPPORT_USER: mailboxes.support.user,
    SUPPORT_PASSWORD: mailboxes.support.password,
    SUPPORT_MAIL_HOST: '127.0.0.1',
    SUPPORT_IMAP_PORT: String(addresses.imap),
    SUPPORT_SMTP_PORT: String(addresses.smtp),
    TWILIO_NUMBER: twilioNumber,
    TWILIO_ACCOUNT_SID: secrets.twilio.accountSid,
    TWILIO_AUTH_TOKEN: secrets.twilio.authToken,
    ...(Object.fromEntries(played) as Record<string, string>),
  };
}

/** The accounts on social networks of config/channels.yaml, and where their webhooks go. */
export function socialChannels(url: string, secrets: Secrets): Stack['channels'] {
  const of = (id: string, channel: string, provider: string, address?: string) => ({
    id,
    channel,
    ...(address === undefined ? {} : { address: secrets[address] ?? '' }),
    webhook: `${url}/webhooks/${provider}/${id}`,
  });
  return [
    of('telegram', 'telegram', 'telegram'),
    of('zalo', 'zalo', 'zalo', 'ZALO_OA_ID'),
    of('messenger', 'messenger', 'meta', 'META_PAGE_ID'),
    of('facebook-comments', 'facebook_comment', 'meta', 'META_PAGE_ID'),
    of('instagram', 'instagram', 'meta', 'META_INSTAGRAM_ID'),
    of('whatsapp', 'whatsapp', 'meta', 'META_WHATSAPP_NUMBER_ID'),
  ];
}

/** The numbers of config/channels.yaml, and where their webhooks go. */
export function telephoneChannels(url: string): Stack['channels'] {
  const of = (id: string, channel: string, event: string) => ({
    ...{ id, channel, address: twilioNumber },
    webhook: `${url}/webhooks/twilio/${id}/${event}`,
  });
  return [of('sms', 'sms', 'sms'), of('hotline', 'phone', 'voice-status')];
}

/** What providers sign and are asked with, under the names of stack.json. */
export function providerSecrets({ twilio, channelSecrets: given }: ProviderSecrets) {
  const secret = (name: string) => given[name] ?? '';
  return {
    twilio,
    telegram: { botToken: secret('TELEGRAM_BOT_TOKEN'), secretToken: secret('TELEGRAM_SECRET_TOKEN') },
    zalo: {
      appId: secret('ZALO_APP_ID'),
      oaSecretKey: secret('ZALO_OA_SECRET_KEY'),
      appSecret: secret('ZALO_APP_SECRET'),
      refreshToken: secret('ZALO_REFRESH_TOKEN'),
    },
    meta: {
      appSecret: secret('META_APP_SECRET'),
      verifyToken: secret('META_VERIFY_TOKEN'),
      accessToken: secret('META_ACCESS_TOKEN'),
    },
  };
}
