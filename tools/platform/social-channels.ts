import type { Stack } from './stack.js';

type Secrets = Readonly<Record<string, string>>;

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

/** What a network signs with, under the names of stack.json. */
export function networkSecrets(given: Secrets): Stack['secrets'] {
  const secret = (name: string) => given[name] ?? '';
  return {
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
