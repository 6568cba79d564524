import { mkdir } from 'node:fs/promises';
import { topicDefinitions } from '#contracts';
import { ensureTopics } from '#kafka';
import { createLogger } from '#observability';
import { ensureDatabase, provisionService } from '#postgres';
import { untilAccountsExist } from './accounts.js';
import { type Addresses, addressesFrom, assertPortsAreFree, type ServiceName, serviceNames } from './addresses.js';
import { warningsOf } from './console.js';
import { type Mailbox, startGreenMail } from './green-mail.js';
import { Home } from './home.js';
import { startKafka } from './kafka.js';
import { KeptAlive, type Startable } from './kept-alive.js';
import { ManagedProcess } from './managed-process.js';
import { PlatformError } from './platform-error.js';
import { startPostgres } from './postgres.js';
import { loadSecrets } from './secrets.js';
import { channelSecretNames, serviceEnv, services, type Surroundings, twilioNumber } from './services.js';
import { networkSecrets, socialChannels } from './social-channels.js';
import { removeStack, type Stack, writeStack } from './stack.js';
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
    await assertPortsAreFree(addresses, home.wasAbandoned ? 12_000 : 0);
    await mkdir(home.in('store'), { recursive: true });
    const accountNames = Object.keys(people);
    const schemas = Object.values(services).map(({ schema }) => schema);
    const roles = ['postgres', ...schemas];
    const secrets = await loadSecrets(home.path, {
      databaseRoles: roles,
      mailboxes: Object.keys(mailboxNames),
      accounts: accountNames,
      channels: channelSecretNames,
    });
    const mailbox = (name: keyof typeof mailboxNames): Mailbox => {
      const address = mailboxNames[name];
      return { address, user: address, password: secrets.mailboxPasswords[name] ?? '' };
    };
    const mailboxes = { support: mailbox('support'), customer: mailbox('customer') };
    const brokers = options.brokers ?? [`127.0.0.1:${addresses.kafka}`];

    options.say('starting PostgreSQL, Kafka and the mail server');
    await this.startInfrastructure(secrets.databasePasswords['postgres'] ?? '', Object.values(mailboxes));
    const adminUrl = await ensureDatabase(this.adminUrl(secrets.databasePasswords['postgres'] ?? ''), 'phanhoi');
    const databaseUrls: Record<string, string> = {};
    for (const schema of schemas) {
      databaseUrls[schema] = await provisionService({
        adminUrl,
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
    await this.startGroup(serviceNames.map((name) => this.keepService(name)));
    await Promise.all(serviceNames.map((name) => this.untilHealthy(name, 'ready', 120_000)));
    await untilAccountsExist(
      adminUrl,
      Object.values(accounts).map(({ email }) => email),
    );
    this.isReady = true;
    await this.writeStack();
  }

  async stop(): Promise<void> {
    this.isReady = false;
    await this.writing;
    await removeStack(this.home.path);
    for (const group of this.groups.reverse()) await Promise.all(group.map((kept) => kept.stop()));
    await this.home.release();
  }

  get stack(): Stack {
    if (this.around === undefined) throw new Error('the platform has not been started');
    const { secrets, mailboxes, accounts, brokers } = this.around;
    const signIns = Object.entries(accounts).map(([role, { email, password }]) => [role, { email, password }]);
    const running = serviceNames.map((name) => [name, { url: this.url(name), pid: this.servicePids[name] ?? 0 }]);
    return {
      services: Object.fromEntries(running) as Stack['services'],
      postgres: this.adminUrl(secrets.databasePasswords['postgres'] ?? '', 'phanhoi'),
      kafka: brokers,
      smtp: `smtp://127.0.0.1:${this.addresses.smtp}`,
      imap: `imap://127.0.0.1:${this.addresses.imap}`,
      pids: this.pids,
      mailboxes,
      accounts: Object.fromEntries(signIns) as Stack['accounts'],
      channels: [
        { id: 'support', channel: 'email', address: mailboxes.support.address },
        { id: 'default', channel: 'web_form' },
        ...socialChannels(this.url('social-intake'), secrets.channelSecrets),
        {
          id: 'sms',
          channel: 'sms',
          address: twilioNumber,
          webhook: `${this.url('phone-intake')}/webhooks/twilio/sms/sms`,
        },
        {
          id: 'hotline',
          channel: 'phone',
          address: twilioNumber,
          webhook: `${this.url('phone-intake')}/webhooks/twilio/hotline/voice-status`,
        },
      ],
      simulators: {},
      secrets: { twilio: secrets.twilio, ...networkSecrets(secrets.channelSecrets) },
    };
  }

  private async startInfrastructure(password: string, mailboxes: readonly Mailbox[]): Promise<void> {
    const { home, addresses, options } = this;
    const { say } = options;
    const logs = (name: string) => home.in('logs', `${name}.log`);
    const postgres = () =>
      startPostgres({
        dataDir: home.in('postgres'),
        logFile: logs('postgres'),
        port: addresses.postgres,
        password,
        sharedBuffersMb: 256,
      });
    const kafka = () =>
      startKafka({
        dir: home.in('kafka'),
        logFile: logs('kafka'),
        port: addresses.kafka,
        controllerPort: addresses.kafkaController,
        say,
      });
    const mail = () =>
      startGreenMail({
        dir: home.in('mail'),
        logFile: logs('mail'),
        smtpPort: addresses.smtp,
        imapPort: addresses.imap,
        mailboxes,
        say,
      });
    const group = [this.keepProcess('postgres', 'PostgreSQL', postgres)];
    if (options.brokers === undefined)
      group.push(this.keepProcess('kafka', 'Kafka', kafka), this.keepProcess('mail', 'the mail server', mail));
    else say('KAFKA_BROKERS is given: no Kafka is started here, and no mail server; the mailbox stays unreachable');
    await this.startGroup(group);
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
    const url = `${this.url(name)}/health/${kind}`;
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

  private url(name: ServiceName): string {
    return `http://127.0.0.1:${this.addresses.services[name]}`;
  }

  private adminUrl(password: string, database = 'postgres'): string {
    return `postgres://postgres:${password}@127.0.0.1:${this.addresses.postgres}/${database}`;
  }
}
