import type { Stack } from './stack.js';

/** The accounts on social networks of config/channels.yaml, and where their webhooks go. */
export function socialChannels(url: string): Stack['channels'] {
  return [{ id: 'telegram', channel: 'telegram', webhook: `${url}/webhooks/telegram/telegram` }];
}

/** What a network signs with, under the names of stack.json. */
export function networkSecrets(given: Readonly<Record<string, string>>): Stack['secrets'] {
  const secret = (name: string) => given[name] ?? '';
  return { telegram: { botToken: secret('TELEGRAM_BOT_TOKEN'), secretToken: secret('TELEGRAM_SECRET_TOKEN') } };
}
