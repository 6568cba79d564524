import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { ensureJars } from './jars.js';
import { ManagedProcess } from './managed-process.js';
import { errorCode, PlatformError } from './platform-error.js';
import { answers, freePorts } from './ports.js';
import { until } from './until.js';

const run = promisify(execFile);

export interface KafkaOptions {
  /** Holds the log, the settings and the broker's own log file; made when missing, reused when there. */
  readonly dir: string;
  readonly logFile?: string;
  readonly port?: number;
  readonly controllerPort?: number;
  readonly heapMb?: number;
  /** More broker settings, as in server.properties. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly say?: (line: string) => void;
}

export interface RunningKafka {
  readonly pid: number;
  readonly port: number;
  readonly brokers: readonly string[];
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT, for the chaos of a broker that hangs. */
  signal(signal: NodeJS.Signals): boolean;
}

/** One real Kafka broker in KRaft mode (broker and controller in one process) on 127.0.0.1. */
export async function startKafka(options: KafkaOptions): Promise<RunningKafka> {
  const dir = resolve(options.dir);
  const { java, kafkaClassPath, kafkaClassArchive } = await ensureJars(options.say ?? (() => undefined));
  const [port, controllerPort] = await bothPorts(options);
  await mkdir(dir, { recursive: true });
  const properties = join(dir, 'server.properties');
  const settings = { ...defaults(dir, port, controllerPort), ...options.settings };
  await writeFile(
    properties,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const heap = options.heapMb ?? 384;
  // What the JVM writes beside the log: warnings only. Times make the file readable beside the services' logs.
  const logging = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true'];
  const jvm = [`-Xmx${heap}m`, '-XX:+ExitOnOutOfMemoryError', ...logging, '-cp', kafkaClassPath];
  await format({ java, jvm, dir, properties });
  const archive = await ClassArchive.at(kafkaClassArchive);
  const server = await ManagedProcess.start({
    name: 'Kafka',
    command: java,
    args: [...archive.options, ...jvm, 'kafka.Kafka', properties],
    cwd: dir,
    logFile: options.logFile ?? join(dir, 'kafka.log'),
    graceMs: 30_000,
  });
  const brokers = [`127.0.0.1:${port}`];
  await server.orFailure(until(() => isReady(port, brokers), { what: 'Kafka', timeoutMs: 120_000 }));
  return {
    pid: server.pid,
    port,
    brokers,
    exited: server.exited,
    stop: async () => {
      await server.stop();
      await archive.keep();
    },
    kill: () => server.kill(),
    signal: (signal) => server.signal(signal),
  };
}

async function bothPorts({ port, controllerPort }: KafkaOptions): Promise<[number, number]> {
  const [first, second] = await freePorts(2);
  if (first === undefined || second === undefined) throw new Error('no free port');
  return [port ?? first, controllerPort ?? second];
}

function defaults(dir: string, port: number, controllerPort: number): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(dir, 'data'),
    'num.partitions': '12',
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // A killed broker is taken back by its own controller only once this session has run out.
    'broker.session.timeout.ms': '4000',
    'broker.heartbeat.interval.ms': '1000',
  };
}

class ClassArchive {
  private constructor(
    private readonly path: string,
    private readonly unfinished: string | undefined,
  ) {}

  static async at(path: string): Promise<ClassArchive> {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    return new ClassArchive(path, isThere ? undefined : `${path}.${randomBytes(4).toString('hex')}`);
  }

  get options(): string[] {
    // A mismatch (another build of the same Java) is no reason to fail or to warn: the JVM then loads classes as usual.
    const quiet = ['-Xshare:auto', '-Xlog:cds=off', '-Xlog:cds+dynamic=off'];
    if (this.unfinished === undefined) return [...quiet, `-XX:SharedArchiveFile=${this.path}`];
    return [...quiet, `-XX:ArchiveClassesAtExit=${this.unfinished}`];
  }

  /** After an orderly stop. Several brokers may have written one each: the last rename stays. */
  async keep(): Promise<void> {
    if (this.unfinished === undefined) return;
    await rename(this.unfinished, this.path).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
  }
}

interface Format {
  readonly java: string;
  readonly jvm: readonly string[];
  readonly dir: string;
  readonly properties: string;
}

async function format({ java, jvm, dir, properties }: Format): Promise<void> {
  try {
    await access(join(dir, 'data', 'bootstrap.checkpoint'));
    return;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  // A leading '-' would be read as an option.
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const args = ['format', '--ignore-formatted', '-t', clusterId, '-c', properties];
  await run(java, [...jvm, 'kafka.tools.StorageTool', ...args]).catch((cause: unknown) => {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
    throw new PlatformError(`Kafka's folder ${dir} could not be made:\n${said}`, { cause });
  });
}

async function isReady(port: number, brokers: string[]): Promise<boolean> {
  if (!(await answers(port))) return false;
  const kafka = new Kafka({
    clientId: 'platform',
    brokers,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    // Without it the first consumers would be told that their groups are still being loaded.
    await admin.fetchOffsets({ groupId: 'platform' });
    return cluster.brokers.length > 0;
  } finally {
    await admin.disconnect();
  }
}
