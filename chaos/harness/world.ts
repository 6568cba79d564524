import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { apps, topicDefinitions } from '#contracts';
import { ensureTopics } from '#kafka';
import { createLogger } from '#observability';
import { waitFor } from '#testing';
import { ensureDatabase, provisionService } from '#postgres';
import { NodeProcess } from '../../bench/harness/node-process.js';
import {
  compiledServices,
  freePorts,
  type RunningGreenMail,
  type RunningKafka,
  type RunningPostgres,
  startGreenMail,
  startKafka,
  startPostgres,
} from '../../tools/platform/index.js';
import {
  channelSettings,
  newProviderSecrets,
  type ProviderSecrets,
  providerSecrets,
  socialChannels,
  telephoneChannels,
} from '../../tools/platform/channels.js';
import { KeptService } from './kept-service.js';
import { askOnce, type Observed, signIn } from './observed.js';
import type { Accounts } from '../../bench/harness/words.js';

const schemas = {
  'web-form-intake': 'web_form',
  'email-intake': 'email',
  'phone-intake': 'phone',
  'social-intake': 'social',
  ticketing: 'ticketing',
  reporting: 'reporting',
} as const;
export type ServiceName = keyof typeof schemas;
const serviceNames = Object.keys(schemas) as ServiceName[];
const spine: readonly ServiceName[] = ['web-form-intake', 'email-intake', 'ticketing', 'reporting'];

/** Where a service finds broker, database and mail: a fault may put a proxy there. */
export interface Addresses {
  readonly kafka: string;
  readonly postgres: { readonly host: string; readonly port: number };
  readonly smtpPort: number;
  readonly imapPort: number;
}

export interface WorldOptions {
  /** More or other settings of a service. */
  readonly env?: Partial<Record<ServiceName, Readonly<Record<string, string>>>>;
  /** Which services run; without telephone and networks when absent. */
  readonly services?: readonly ServiceName[];
  /** What providers sign with, and our ids there; made for the run when absent. */
  readonly secrets?: ProviderSecrets;
  /** Runs before any service starts; may return other addresses for the services, e.g. a proxy's. */
  readonly between?: (real: Addresses) => Promise<Partial<Addresses>>;
}

const supportAddress = 'support@phanhoi.example';

/** Everything of one fault run on this machine: real broker, database, mail server and services, each killable by itself. */
export class World implements Observed {
  readonly services = new Map<ServiceName, KeptService>();
  private readonly secret = randomBytes(24).toString('hex');
  private readonly secrets: ProviderSecrets;
  private readonly databaseUrls = new Map<ServiceName, string>();
  private readonly ports = new Map<ServiceName, number>();
  private readonly replicas: KeptService[] = [];
  private seen: Addresses;

  private constructor(
    readonly dir: string,
    private postgres: RunningPostgres,
    private kafka: RunningKafka,
    readonly mail: RunningGreenMail,
    private readonly options: WorldOptions,
  ) {
    this.seen = this.realAddresses();
    this.secrets = options.secrets ?? newProviderSecrets();
  }

  static async create(options: WorldOptions = {}): Promise<World> {
    const dir = await mkdtemp(join(tmpdir(), 'phanhoi-chaos-'));
    await chmod(dir, 0o755);
    await mkdir(join(dir, 'store'));
    const [postgres, kafka, mail] = await Promise.all([
      startPostgres({ dataDir: join(dir, 'postgres') }),
      startKafka({ dir: join(dir, 'kafka') }),
      startGreenMail({ dir: join(dir, 'mail') }),
    ]);
    const world = new World(dir, postgres, kafka, mail, options);
    try {
      await world.prepare();
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  private async prepare(): Promise<void> {
    const logger = createLogger('chaos', 'error');
    await ensureTopics({ brokers: this.kafka.brokers, clientId: 'chaos', logger }, topicDefinitions(apps), {
      replication: 1,
    });
    const adminUrl = await ensureDatabase(this.postgres.url, 'phanhoi');
    this.seen = { ...this.seen, ...(await this.options.between?.(this.seen)) };
    for (const name of serviceNames) {
      const url = new URL(
        await provisionService({ adminUrl, schema: schemas[name], role: schemas[name], password: this.secret }),
      );
      url.hostname = this.seen.postgres.host;
      url.port = String(this.seen.postgres.port);
      this.databaseUrls.set(name, url.href);
    }
    await this.startServices();
  }

  private async startServices(): Promise<void> {
    for (const [index, port] of (await freePorts(serviceNames.length)).entries()) {
      const name = serviceNames[index];
      if (name !== undefined) this.ports.set(name, port);
    }
    for (const name of this.options.services ?? spine) {
      this.services.set(name, this.keep(name, `${name}-1`, this.ports.get(name)));
    }
    await Promise.all([...this.services.values()].map((service) => service.ready()));
  }

  private keep(name: ServiceName, instance: string, port: number | undefined): KeptService {
    // Made anew for each start: a fault may change a setting between two lives of a service.
    const env = () => ({
      ...this.environment(name, `http://127.0.0.1:${this.ports.get('ticketing')}`),
      PORT: String(port),
      INSTANCE: instance,
      ...this.options.env?.[name],
    });
    const logFile = join(this.dir, `${instance}.log`);
    const start = () => NodeProcess.start(instance, `dist/services/${name}.js`, env(), { logFile });
    return new KeptService({ name: instance, url: `http://127.0.0.1:${port}`, start });
  }

  /** One more replica of a service, on a port of its own; ready when this resolves. */
  async addReplica(name: ServiceName): Promise<KeptService> {
    const [port] = await freePorts(1);
    const replica = this.keep(name, `${name}-${this.replicas.length + 2}`, port);
    this.replicas.push(replica);
    await replica.ready();
    return replica;
  }

  private environment(name: ServiceName, ticketing: string): Record<string, string> {
    const account = (role: string) => ({ role, name: role, email: `${role}@phanhoi.example`, password: this.secret });
    return {
      NODE_ENV: 'development',
      NODE_COMPILE_CACHE: compiledServices,
      LOG_LEVEL: 'info',
      SHUTDOWN_GRACE_MS: '200',
      MIGRATE: 'true',
      KAFKA_BROKERS: this.seen.kafka,
      DATABASE_URL: this.databaseUrls.get(name) ?? '',
      STORE_DIR: join(this.dir, 'store'),
      ...this.channels(),
      PUBLIC_URL: this.url('phone-intake'),
      CONVERSATION_SECRET: this.secret,
      THREAD_SECRETS: this.secret,
      JWKS_URL: `${ticketing}/.well-known/jwks.json`,
      BOOTSTRAP_ACCOUNTS: JSON.stringify(['admin', 'supervisor', 'agent', 'analyst'].map(account)),
      RATE_LIMIT_REQUESTS: '100000000',
      ACKNOWLEDGEMENT_BRAKE_PER_MINUTE: '100000000',
    };
  }

  private channels(): Record<string, string> {
    const support = { address: supportAddress, user: supportAddress, password: this.secret };
    const { imapPort: imap, smtpPort: smtp } = this.seen;
    // Nobody listens there: who wants answers names a simulator.
    const providers = { twilio: 1, telegram: 1, meta: 1, zalo: 1, zaloSignIn: 1 };
    const addresses = { imap, smtp, providers };
    return channelSettings({ addresses, mailboxes: { support }, secrets: this.secrets }, {});
  }

  private url(name: ServiceName): string {
    return `http://127.0.0.1:${this.ports.get(name)}`;
  }

  /** Telephone and networks: where their webhooks go, and what they sign with. */
  get accounts(): Accounts {
    const social = socialChannels(this.url('social-intake'), this.secrets.channelSecrets);
    const telephone = telephoneChannels(this.url('phone-intake'));
    return { channels: [...social, ...telephone], secrets: providerSecrets(this.secrets) };
  }

  private realAddresses(): Addresses {
    return {
      kafka: this.kafka.brokers.join(','),
      postgres: { host: '127.0.0.1', port: this.postgres.port },
      smtpPort: Number(new URL(this.mail.smtpUrl).port),
      imapPort: Number(new URL(this.mail.imapUrl).port),
    };
  }

  service(name: ServiceName): KeptService {
    const found = this.services.get(name);
    if (found === undefined) throw new Error(`${name} does not run in this world`);
    return found;
  }

  /** Deaths of services, whoever killed them. */
  get deaths(): number {
    return [...this.services.values(), ...this.replicas].reduce((sum, { recoveries }) => sum + recoveries.length, 0);
  }

  get reportingUrl(): string | undefined {
    return this.services.get('reporting')?.url;
  }

  get brokers(): readonly string[] {
    return this.kafka.brokers;
  }

  /** A mailbox of that address, on the real mail server and not through any proxy. */
  mailbox(address: string): { imapUrl: string; smtpUrl: string; user: string; password: string } {
    return { imapUrl: this.mail.imapUrl, smtpUrl: this.mail.smtpUrl, user: address, password: this.secret };
  }

  get support(): string {
    return supportAddress;
  }

  /** What traffic needs to know of this world. */
  get entrances(): { formUrl: () => string; smtpUrl: string; to: string; dir: string } {
    return {
      formUrl: () => this.service('web-form-intake').url,
      smtpUrl: this.mail.smtpUrl,
      to: supportAddress,
      dir: this.dir,
    };
  }

  async killBroker(): Promise<void> {
    await this.kafka.kill();
  }

  async startBroker(): Promise<void> {
    this.kafka = await startKafka({ dir: join(this.dir, 'kafka'), port: this.kafka.port });
  }

  /** As `pg_ctl stop -m immediate` or a power cut would: no checkpoint, sessions gone. */
  async killPostgres(): Promise<void> {
    await this.postgres.kill();
  }

  async startPostgres(): Promise<void> {
    this.postgres = await startPostgres({ dataDir: join(this.dir, 'postgres'), port: this.postgres.port });
  }

  /** Asks the database as its superuser; bigint columns come as text. */
  async sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const url = new URL(this.postgres.url);
    url.pathname = '/phanhoi';
    return askOnce<Row>(url.href, text, values);
  }

  /** An access token of ticketing. */
  async token(role: 'admin' | 'supervisor' | 'agent' | 'analyst'): Promise<string> {
    const email = `${role}@phanhoi.example`;
    // Ticketing makes the accounts behind its start, and brakes whoever tries in vain.
    const isThere = async () => (await this.sql('select from ticketing.accounts where email = $1', [email])).length > 0;
    await waitFor(isThere, { timeoutMs: 60_000, describe: `the account of ${email}` });
    return signIn(this.service('ticketing').url, email, this.secret);
  }

  async close(): Promise<void> {
    await Promise.all([...this.services.values(), ...this.replicas].map((service) => service.stop()));
    await Promise.all([this.postgres.stop(), this.kafka.stop(), this.mail.stop()]);
    if (process.env.CHAOS_KEEP === undefined) await rm(this.dir, { recursive: true, force: true });
    else console.log(`  kept: ${this.dir}`);
  }
}
