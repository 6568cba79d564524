import { mkdir } from 'node:fs/promises';
import { topicDefinitions } from '#contracts';
import { ensureTopics } from '#kafka';
import { createLogger } from '#observability';
import { ensureDatabase, provisionService } from '#postgres';
import { untilAccountsExist } from './accounts.js';
import { type Addresses, addressesFrom, assertPortsAreFree, type ServiceName, serviceNames } from './addresses.js';
import { warningsOf } from './console.js';
import { providerSecrets, providersPlayedHere } from './channels.js';
import type { Mailbox } from './green-mail.js';
import { Home } from './home.js';
import { infrastructureOf } from './infrastructure.js';
import { KeptAlive, type Startable } from './kept-alive.js';
import { ManagedProcess } from './managed-process.js';
import { PlatformError } from './platform-error.js';
import { loadSecrets } from './secrets.js';
import { serviceEnv, services, type Surroundings } from './services.js';
import { Simulators } from './simulators.js';
import { removeStack, type Stack, writeStack } from './stack.js';
import { adminUrl, serviceUrl, stackOf } from './stack-of.js';
import { until } from './until.js';

export interface PlatformOptions {
  readonly home: string;
  readonly portBase: number;
  readonly say: (line: string) => void;
  /** Addresses of a Kafka that runs already; then none is started here. */
  readonly brokers?: readonly string[];
}

export interface Platform {
  readonly stack: Stack;
  stop(): Promise<void>;
}

const people = { admin: 'Quản trị', supervisor: 'Trưởng nhóm', agent: 'Nhân viên', analyst: 'Phân tích' } as const;
const mailboxNames = { support: 'support@phanhoi.test', customer: 'khach.hang@example.test' } as const;

/** Starts everything on this machine and keeps it alive until `stop`. When the start fails, nothing is left running. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const home = await Home.take(options.home);
  const supervisor = new Supervisor(home, options);
  try {
    await supervisor.up();
    return supervisor;
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
}

class Supervisor implements Platform {
  private readonly addresses: Addresses;
  /** In order of their start; stopped the other way round, a group at once. */
  private readonly groups: KeptAlive<Startable>[][] = [];
  private readonly pids: Record<string, number> = {};
  private readonly servicePids: Partial<Record<ServiceName, number>> = {};
  private readonly played = providersPlayedHere(process.env);
  private simulators: Simulators | undefined;
  private around: Surroundings | undefined;
  private isReady = false;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly home: Home,
    private readonly options: PlatformOptions,
  ) {
    this.addresses = addressesFrom(options.portBase);
  }

  async up(): Promise<void> {
    const { home, addresses, options } = this;
    await removeStack(home.path);
    await assertPortsAreFree(addresses, this.played, home.wasAbandoned ? 12_000 : 0);
    await mkdir(home.in('store'), { recursive: true });
    const accountNames = Object.keys(people);
    const schemas = Object.values(services).map(({ schema }) => schema);
    const roles = ['postgres', ...schemas];
    const secrets = await loadSecrets(home.path, {
      databaseRoles: roles,
      mailboxes: Object.keys(mailboxNames),
      accounts: accountNames,
    });
    const mailbox = (name: keyof typeof mailboxNames): Mailbox => {
      const address = mailboxNames[name];
      return { address, user: address, password: secrets.mailboxPasswords[name] ?? '' };
    };
    const mailboxes = { support: mailbox('support'), customer: mailbox('customer') };
    const brokers = options.brokers ?? [`127.0.0.1:${addresses.kafka}`];

    options.say('starting PostgreSQL, Kafka and the mail server');
    await this.startInfrastructure(secrets.databasePasswords['postgres'] ?? '', Object.values(mailboxes));
    const superuser = adminUrl(addresses, secrets.databasePasswords['postgres'] ?? '');
    const databaseAdmin = await ensureDatabase(superuser, 'phanhoi');
    const databaseUrls: Record<string, string> = {};
    for (const schema of schemas) {
      databaseUrls[schema] = await provisionService({
        adminUrl: databaseAdmin,
        schema,
        role: schema,
        password: secrets.databasePasswords[schema] ?? '',
      });
    }
    const logger = createLogger('topics', 'warn');
    await ensureTopics({ brokers, clientId: 'topics', logger }, topicDefinitions(serviceNames), { replication: 1 });

    options.say('starting the services (the first time they make their tables)');
    const accounts = Object.fromEntries(
      Object.entries(people).map(([role, name]) => {
        return [role, { email: `${role}@phanhoi.test`, password: secrets.accountPasswords[role] ?? '', role, name }];
      }),
    );
    this.around = { home, addresses, brokers, secrets, mailboxes, accounts, databaseUrls };
    await this.startSimulators(this.around);
    await this.startGroup(serviceNames.map((name) => this.keepService(name)));
    await Promise.all(serviceNames.map((name) => this.untilHealthy(name, 'ready', 120_000)));
    await untilAccountsExist(
      databaseAdmin,
      Object.values(accounts).map(({ email }) => email),
    );
    this.isReady = true;
    await this.writeStack();
  }

  async stop(): Promise<void> {
    this.isReady = false;
    await this.writing;
    await removeStack(this.home.path);
    // First: what they still have to tell somebody must take.
    await this.simulators?.close();
    for (const group of this.groups.reverse()) await Promise.all(group.map((kept) => kept.stop()));
    await this.home.release();
  }

  get stack(): Stack {
    const { around, servicePids, pids } = this;
    if (around === undefined) throw new Error('the platform has not been started');
    return stackOf({ around, servicePids, pids, simulators: this.simulators?.urls ?? {} });
  }

  private async startInfrastructure(password: string, mailboxes: readonly Mailbox[]): Promise<void> {
    const { home, addresses, options } = this;
    const kafkaIsGiven = options.brokers !== undefined;
    const parts = infrastructureOf({ home, addresses, password, mailboxes, kafkaIsGiven, say: options.say });
    await this.startGroup(parts.map(({ key, name, start }) => this.keepProcess(key, name, start)));
  }

  private async startSimulators({ addresses, secrets }: Surroundings): Promise<void> {
    const social = serviceUrl(addresses, 'social-intake');
    this.simulators = await Simulators.start({
      played: this.played,
      ports: addresses.providers,
      secrets: providerSecrets(secrets),
      ids: { zalo: secrets.channelSecrets['ZALO_OA_ID'] ?? '' },
      // One app at Meta has one address for all that it tells.
      webhooks: { meta: `${social}/webhooks/meta/messenger`, zalo: `${social}/webhooks/zalo/zalo` },
      tokenFile: this.home.in('zalo-tokens.json'),
    });
  }

  private keepProcess(key: string, name: string, start: () => Promise<Startable>): KeptAlive<Startable> {
    const onUp = async ({ pid }: Startable) => {
      this.pids[key] = pid;
      await this.writeStack();
    };
    return new KeptAlive<Startable>({ name, start, onUp, say: this.options.say });
  }

  private keepService(name: ServiceName): KeptAlive<Startable> {
    const onUp = async ({ pid }: Startable) => {
      this.servicePids[name] = pid;
      await this.writeStack();
    };
    return new KeptAlive<Startable>({ name, start: () => this.startService(name), onUp, say: this.options.say });
  }

  private async startService(name: ServiceName): Promise<ManagedProcess> {
    if (this.around === undefined) throw new Error('services need their surroundings');
    const service = await ManagedProcess.start({
      name,
      command: process.execPath,
      args: ['--disable-warning=TimeoutNegativeWarning', `dist/services/${name}.js`],
      env: serviceEnv(name, this.around),
      logFile: this.home.in('logs', `${name}.log`),
      onLine: warningsOf(name, this.options.say),
      // Longer than the 30 s that a service takes at most to finish what it has begun.
      graceMs: 35_000,
    });
    await service.orFailure(this.untilHealthy(name, 'live', 120_000));
    return service;
  }

  private async untilHealthy(name: ServiceName, kind: 'live' | 'ready', timeoutMs: number): Promise<void> {
    const url = `${serviceUrl(this.addresses, name)}/health/${kind}`;
    const isHealthy = async () => (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
    await until(isHealthy, { what: `${name} to be ${kind} (${url})`, timeoutMs }).catch((cause: unknown) => {
      throw new PlatformError(
        `${name} did not become ${kind} within ${timeoutMs / 1_000} s; see ${this.home.in('logs', `${name}.log`)}`,
        { cause },
      );
    });
  }

  /** All at once; when one fails, the others are waited for, so that none is missed by the clean-up. */
  private async startGroup(group: KeptAlive<Startable>[]): Promise<void> {
    this.groups.push(group);
    const outcomes = await Promise.allSettled(group.map((kept) => kept.start()));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  private async writeStack(): Promise<void> {
    if (!this.isReady) return;
    this.writing = this.writing.then(() => (this.isReady ? writeStack(this.home.path, this.stack) : undefined));
    await this.writing;
  }
}
