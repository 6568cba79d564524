import { randomBytes } from 'node:crypto';
import { appendFile, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Fault,
  MetaSimulator,
  SmsGatewaySimulator,
  TelegramSimulator,
  TwilioSimulator,
  ZaloSimulator,
} from '#testing';
import { newProviderSecrets, providerSecrets } from '../../tools/platform/channels.js';
import { WebhookLoad } from './webhook-load.js';
import {
  type Accounts,
  socialSpeakers,
  type Speaker,
  telephoneAccounts,
  telephoneSpeakers,
  type Word,
} from '../../bench/harness/words.js';
import { World, type WorldOptions } from './world.js';

/** A channels file with a gateway and an exchange beside the accounts of the local platform, and that gateway. */
export class TelephoneAccounts {
  private constructor(
    private readonly dir: string,
    /** Of the gateway and of the exchange. */
    private readonly secret: string,
    readonly gateway: SmsGatewaySimulator,
  ) {}

  static async create(): Promise<TelephoneAccounts> {
    const secret = randomBytes(24).toString('hex');
    const gateway = await SmsGatewaySimulator.start({ apiKey: 'key', webhookSecret: secret });
    const accounts = new TelephoneAccounts(await mkdtemp(join(tmpdir(), 'phanhoi-channels-')), secret, gateway);
    await copyFile('config/channels.yaml', accounts.file);
    await appendFile(accounts.file, telephoneAccounts(gateway.api, secret));
    return accounts;
  }

  /** For CHANNELS_FILE. */
  get file(): string {
    return join(this.dir, 'channels.yaml');
  }

  /** Customers on all networks. */
  speakers(accounts: Accounts): readonly Speaker[] {
    return Object.values({ ...socialSpeakers(accounts), ...telephoneSpeakers(accounts, this.secret) });
  }

  async close(): Promise<void> {
    await this.gateway.close();
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** The number-th word of all, the speakers taking turns; each has so many people. */
export function wordOf(speakers: readonly Speaker[], number: number, people: number): Word {
  const speak = speakers[number % speakers.length];
  if (speak === undefined) throw new Error('nobody speaks');
  return speak(number, Math.floor(number / speakers.length) % people);
}

const peoplePerNetwork = 50;

/** The platform with telephone and networks alone, and the providers of them. */
export class NetworkWorld {
  private constructor(
    readonly world: World,
    private readonly telephones: TelephoneAccounts,
    private readonly providers: Providers,
  ) {}

  /**
   * @param env more settings of a service, looked at whenever it starts.
   * @param more which services run, where it is not telephone and networks alone, and where they find broker, database and mail.
   */
  static async create(
    env: NonNullable<WorldOptions['env']> = {},
    more: Pick<WorldOptions, 'services' | 'between'> = {},
  ): Promise<NetworkWorld> {
    const secrets = newProviderSecrets();
    const telephones = await TelephoneAccounts.create();
    const providers = await Providers.start(providerSecrets(secrets), secrets.channelSecrets['ZALO_OA_ID'] ?? '');
    const settings = { CHANNELS_FILE: telephones.file, ...providers.settings };
    try {
      const world = await World.create({
        secrets,
        services: ['phone-intake', 'social-intake', 'ticketing', 'reporting'],
        ...more,
        env: {
          ...env,
          'phone-intake': Object.assign(env['phone-intake'] ?? {}, settings),
          'social-intake': Object.assign(env['social-intake'] ?? {}, settings),
        },
      });
      providers.tellTo(world.accounts);
      return new NetworkWorld(world, telephones, providers);
    } catch (error) {
      await Promise.all([telephones.close(), providers.close()]);
      throw error;
    }
  }

  /** Where what customers have received can be asked for. */
  get simulators(): readonly string[] {
    return [...this.providers.urls, this.telephones.gateway.api];
  }

  /** What the exchange's webhook says of a call, signed as it does. */
  get exchange(): SmsGatewaySimulator {
    return this.telephones.gateway;
  }

  /** Customers who write on all networks. */
  customers(perSecond: number): WebhookLoad {
    const speakers = this.telephones.speakers(this.world.accounts);
    let number = 0;
    return new WebhookLoad({ next: () => wordOf(speakers, number++, peoplePerNetwork), perSecond });
  }

  /** What each provider does with the next requests instead of serving them. */
  failNext(...faults: readonly Fault[]): void {
    this.providers.failNext(...faults);
    this.telephones.gateway.failNext(...faults);
  }

  async close(): Promise<void> {
    await this.world.close();
    await Promise.all([this.telephones.close(), this.providers.close()]);
  }
}

/** The providers of config/channels.yaml, in this process: faults can be asked of them. */
class Providers {
  private constructor(
    private readonly twilio: TwilioSimulator,
    private readonly telegram: TelegramSimulator,
    private readonly meta: MetaSimulator,
    private readonly zalo: ZaloSimulator,
    private readonly zaloAt: { readonly api: string; readonly oauth: string },
  ) {}

  static async start(secrets: ReturnType<typeof providerSecrets>, oaId: string): Promise<Providers> {
    const zalo = new ZaloSimulator({ ...secrets.zalo, oaId });
    return new Providers(
      await TwilioSimulator.start(secrets.twilio),
      await TelegramSimulator.start(secrets.telegram),
      await MetaSimulator.start(secrets.meta),
      zalo,
      await zalo.listen(),
    );
  }

  get settings(): Record<string, string> {
    return {
      TWILIO_API_URL: this.twilio.api,
      TELEGRAM_API_URL: this.telegram.api,
      META_API_URL: this.meta.api,
      ZALO_API_URL: this.zaloAt.api,
      ZALO_OAUTH_URL: this.zaloAt.oauth,
    };
  }

  get urls(): readonly string[] {
    return [this.twilio.api, this.telegram.api, this.meta.api, this.zaloAt.api];
  }

  tellTo({ channels }: Accounts): void {
    const webhook = (id: string) => channels.find((one) => one.id === id)?.webhook ?? '';
    this.meta.reportEverything(webhook('messenger'));
    this.zalo.echoEverything(webhook('zalo'));
  }

  failNext(...faults: readonly Fault[]): void {
    for (const simulator of [this.twilio, this.telegram, this.meta]) simulator.failNext(...faults);
    this.zalo.failNext('message', ...faults);
  }

  async close(): Promise<void> {
    await Promise.all([this.twilio, this.telegram, this.meta, this.zalo].map((simulator) => simulator.close()));
  }
}
