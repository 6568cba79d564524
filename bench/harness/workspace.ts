import { mkdtemp, mkdir, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apps, topicDefinitions } from '#contracts';
import { ensureTopics } from '#kafka';
import { createLogger } from '#observability';
import { ensureDatabase, provisionService } from '#postgres';
import {
  compiledServices,
  type RunningKafka,
  type RunningPostgres,
  serviceNodeOptions,
  startKafka,
  startPostgres,
} from '../../tools/platform/index.js';
import { NodeProcess } from './node-process.js';

const secret = 'bench-secret-bench-secret-bench-secret';
export type Service = 'web-form-intake' | 'email-intake' | 'phone-intake' | 'social-intake' | 'ticketing' | 'reporting';
const schemas: Record<Service, string> = {
  'web-form-intake': 'web_form',
  'email-intake': 'email',
  'phone-intake': 'phone',
  'social-intake': 'social',
  ticketing: 'ticketing',
  reporting: 'reporting',
};
const logFileOf = (dir: string, name: string) => join(dir, `${name}.log`);

/** A Postgres, a broker and a folder of this run's own, gone after it. */
export class Workspace {
  private readonly processes: NodeProcess[] = [];

  private constructor(
    readonly dir: string,
    readonly postgres: RunningPostgres,
    readonly kafka: RunningKafka,
  ) {}

  static async create(): Promise<Workspace> {
    const dir = await mkdtemp(join(tmpdir(), 'phanhoi-bench-'));
    // Postgres runs as another user when we are root.
    await chmod(dir, 0o755);
    await mkdir(join(dir, 'store'));
    const [postgres, kafka] = await Promise.all([
      startPostgres({ dataDir: join(dir, 'postgres'), sharedBuffersMb: 512 }),
      startKafka({ dir: join(dir, 'kafka'), heapMb: 512 }),
    ]);
    await ensureTopics(
      { brokers: kafka.brokers, clientId: 'bench', logger: createLogger('bench', 'error') },
      topicDefinitions(apps),
      { replication: 1 },
    );
    return new Workspace(dir, postgres, kafka);
  }

  get store(): string {
    return join(this.dir, 'store');
  }

  /** The address of a service's own schema, provisioned as on a laptop. Each `database` is a world of its own. */
  async databaseUrl(service: Service, database: string): Promise<string> {
    const adminUrl = await ensureDatabase(this.postgres.url, database);
    return provisionService({ adminUrl, schema: schemas[service], role: schemas[service], password: secret });
  }

  start(service: Service, env: Readonly<Record<string, string>>, nodeArgs: readonly string[] = []): NodeProcess {
    const given = {
      ...this.environment(),
      NODE_OPTIONS: serviceNodeOptions(service),
      NODE_COMPILE_CACHE: compiledServices,
      ...env,
    };
    return this.run(service, `dist/services/${service}.js`, given, nodeArgs);
  }

  run(
    name: string,
    program: string,
    env: Readonly<Record<string, string>>,
    nodeArgs: readonly string[] = [],
  ): NodeProcess {
    const started = NodeProcess.start(name, program, env, { logFile: logFileOf(this.dir, name), nodeArgs });
    this.processes.push(started);
    return started;
  }

  /** What every service is given; a bench adds PORT, DATABASE_URL and its own. */
  environment(): Record<string, string> {
    return {
      KAFKA_BROKERS: this.kafka.brokers.join(','),
      STORE_DIR: this.store,
      CHANNELS_FILE: join(this.dir, 'channels.yaml'),
      CONVERSATION_SECRET: secret,
      THREAD_SECRETS: secret,
      JWKS_URL: 'http://127.0.0.1:9/.well-known/jwks.json',
      MIGRATE: 'true',
      LOG_LEVEL: 'warn',
      SHUTDOWN_GRACE_MS: '0',
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((running) => running.stop()));
    await Promise.all([this.postgres.stop(), this.kafka.stop()]);
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** The entry of channels.yaml for a mailbox on this machine; nothing can be sent from it. */
export const mailboxAccount = (port: number, password: string) => `  - id: support
    channel: email
    provider: imap
    address: support@phanhoi.example
    credentials: { user: support, password: ${password} }
    options:
      since: 2020-01-01
      imap: { host: 127.0.0.1, port: ${port}, tls: none }
      smtp: { host: 127.0.0.1, port: 9, tls: none }
`;
