import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { type Contract, decode, type Role, topicDefinitions } from '#contracts';
import { ensureTopics, type LogRecord, readTopic } from '#kafka';
import { createLogger } from '#observability';
import { type TestDatabase, testBrokers, testDatabase, testImapUrl, testSmtpUrl, uniqueName, waitFor } from '#testing';
import { issueTokens } from '../access-tokens.js';
import { migrations } from '../../../apps/email-intake/src/store/migrations.js';

const silent = createLogger('test', 'silent');
const brokers = { brokers: testBrokers(), clientId: 'test', logger: silent };

const conversationSecret = 'a conversation secret of thirty-two characters';
export const threadSecrets = ['a thread secret of at least thirty-two characters'] as const;

interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface EmailService {
  /** Id of the account, unique, so that tests side by side on one log find their own events. */
  readonly account: string;
  /** Address, user name and password of our mailbox. */
  readonly address: string;
  readonly database: TestDatabase;
  readonly storeFolder: string;
  readonly began: number;
  start(env?: Readonly<Record<string, string>>): Promise<Replica>;
  token(role: Role): Promise<string>;
  /** Every record of a topic since the service began whose decoded data belongs to the account. */
  records<Data>(topic: string, contract: Contract<Data>, belongs: (data: Data) => boolean): Promise<Data[]>;
  rawRecord(topic: string, key: string): Promise<LogRecord | undefined>;
  close(): Promise<void>;
}

export interface Replica {
  readonly url: string;
  readonly pid: number;
  /** Resolves with the signal or code with which the process ended. */
  readonly ended: Promise<string>;
  readonly output: () => string;
  /** As a supervisor. */
  get<Body>(path: string): Promise<Body>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface EmailServiceOptions {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly imap?: ServerAddress;
  readonly smtp?: ServerAddress;
  readonly password?: string;
  readonly user?: string;
  /** Of our mailbox, by its address, instead of user and password. */
  readonly credentials?: (address: string) => Promise<object>;
}

const greenMail = (url: string): ServerAddress => ({ host: new URL(url).hostname, port: Number(new URL(url).port) });

/** The service as its own process on real Kafka, Postgres and mail servers: what a crash does can only be seen from outside. */
export async function emailService(given: EmailServiceOptions = {}): Promise<EmailService> {
  const began = Date.now() - 1_000;
  await ensureTopics(brokers, topicDefinitions(['email-intake']), { replication: 1 });
  const database = await testDatabase({ schema: 'email', migrations });
  const folder = await mkdtemp(join(tmpdir(), 'email-intake-'));
  const account = uniqueName('support').replaceAll('_', '-');
  const address = `${account}@care.example.vn`;
  const channels = join(folder, 'channels.yaml');
  const tokens = await issueTokens();
  const { imap = greenMail(testImapUrl()), smtp = greenMail(testSmtpUrl()) } = given;
  await writeFile(
    channels,
    stringify({
      accounts: [
        {
          id: account,
          channel: 'email',
          provider: 'imap',
          address,
          credentials: (await given.credentials?.(address)) ?? {
            user: given.user ?? address,
            password: given.password ?? address,
          },
          options: {
            imap: { ...imap, tls: 'none' },
            smtp: { ...smtp, tls: 'none' },
            authservId: 'mx.care.example.vn',
            ...given.options,
          },
        },
      ],
    }),
  );
  const replicas: Replica[] = [];
  return {
    account,
    address,
    database,
    storeFolder: join(folder, 'store'),
    began,
    start: async (env = {}) => {
      const replica = await startReplica(await tokens.issue('supervisor'), {
        CHANNELS_FILE: channels,
        STORE_DIR: join(folder, 'store'),
        DATABASE_URL: database.url,
        JWKS_URL: tokens.url,
        INSTANCE: `test-${replicas.length}`,
        ...env,
      });
      replicas.push(replica);
      return replica;
    },
    token: tokens.issue,
    records: async (topic, contract, belongs) => {
      const found: ReturnType<typeof contract.schema.parse>[] = [];
      await readTopic(brokers, {
        topic,
        from: began,
        onRecord: ({ headers, bytes }) => {
          const decoded = decode(contract, { headers, value: bytes });
          if (decoded.ok && belongs(decoded.data)) found.push(decoded.data);
        },
      });
      return found;
    },
    rawRecord: async (topic, key) => {
      let found: LogRecord | undefined;
      await readTopic(brokers, {
        topic,
        from: began,
        onRecord: (record) => void (found = record.key === key ? record : found),
      });
      return found;
    },
    close: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()));
      tokens.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startReplica(token: string, env: Readonly<Record<string, string>>): Promise<Replica> {
  const port = await freePort();
  const child = spawn(process.execPath, [resolve('dist/services/email-intake.js')], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      LOG_LEVEL: 'info',
      PORT: String(port),
      SHUTDOWN_GRACE_MS: '0',
      KAFKA_BROKERS: testBrokers().join(','),
      CONVERSATION_SECRET: conversationSecret,
      THREAD_SECRETS: threadSecrets.join(','),
      MAIL_POLL_SECONDS: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-200_000)));
  const ended = new Promise<string>((done) => child.once('exit', (code, signal) => done(signal ?? String(code))));
  const url = `http://127.0.0.1:${port}`;
  const replica: Replica = {
    url,
    pid: child.pid ?? 0,
    ended,
    output: () => output,
    get: async (path) => {
      const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
      return (await answer.json()) as never;
    },
    stop: (signal = 'SIGTERM') => stop(child, ended, signal),
  };
  await waitFor(
    async () => child.exitCode !== null || child.signalCode !== null || (await fetch(`${url}/health/live`)).ok,
    {
      timeoutMs: 60_000,
      describe: () => `the service to listen: ${output}`,
    },
  ).catch(async (error: unknown) => {
    await replica.stop('SIGKILL');
    throw error;
  });
  return replica;
}

async function stop(child: ChildProcess, ended: Promise<string>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  await ended;
}

async function freePort(): Promise<number> {
  return await new Promise((done) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => done(port));
    });
  });
}
