import { MetaSimulator, TelegramSimulator } from '#testing';
import type { ChannelAccount } from '#env';
import { listedAccounts } from './missed.js';
import type { WebhookOutcome } from './social.intake.js';
import { AccountDirectory } from './source/account-directory.js';
import { listedChannels } from './source/networks.js';

const never = new AbortController().signal;
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

describe('the accounts of networks that can be asked what there was', () => {
  let meta: MetaSimulator;
  let telegram: TelegramSimulator;
  beforeAll(async () => {
    meta = await MetaSimulator.start({ appSecret: 's', accessToken: 't' });
    telegram = await TelegramSimulator.start({ botToken: '1:test', secretToken: 's' });
  });
  afterAll(async () => {
    await Promise.all([meta.close(), telegram.close()]);
  });

  const listed = (outcome: WebhookOutcome = { kind: 'done' }, missing = 0) => {
    const ofMeta = (channel: string): ChannelAccount => ({
      ...{ id: channel, channel, provider: 'meta', address: '77', options: { api: meta.api } },
      credentials: { appSecret: 's', verifyToken: 'v', accessToken: 't' },
    });
    const bot = { ...ofMeta('telegram'), provider: 'telegram', options: { api: telegram.api } };
    const directory = new AccountDirectory(
      [
        ...['messenger', 'instagram', 'facebook_comment', 'whatsapp'].map(ofMeta),
        { ...bot, credentials: { botToken: '1:test', secretToken: 's' } },
      ],
      {
        accessTokens: () => {
          throw new Error('no network here has a refresh token');
        },
      },
    );
    const accounts = listedAccounts({
      directory,
      social: { fetched: async () => outcome },
      updates: { countMissing: async () => missing },
    });
    const fetch = async (channel: string, to = new Date()) =>
      await accounts.find((account) => account.channel === channel)?.fetch(minutesAgo(60), to, never);
    return { accounts, fetch };
  };

  it('are those that the ledger is told of', () => {
    const { accounts } = listed();
    expect(new Set(accounts.map(({ channel }) => channel))).toEqual(listedChannels);
  });

  it.each<[WebhookOutcome, object]>([
    [{ kind: 'busy', retryAfterSeconds: 5 }, { retryAfterMs: 5_000 }],
    [
      { kind: 'refused', refusal: { kind: 'too_large', code: 'x', detail: '' } },
      { message: 'our intake refused it: x' },
    ],
  ])('are asked again when our own intake says %o', async (outcome, error) => {
    meta.messenger('77', '501', 'x');
    await expect(listed(outcome).fetch('messenger')).rejects.toMatchObject({ name: 'ListError', ...error });
  });

  it('are asked again while a number of an update may still come, and not for ever', async () => {
    const { fetch } = listed(undefined, 2);
    await expect(fetch('telegram')).rejects.toThrow("2 numbers of the network's updates may still be noted");
    expect(await fetch('telegram', minutesAgo(16))).toBe(0);
  });
});
