import { execFile } from 'node:child_process';
import { chown, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { PlatformError } from './platform-error.js';

const run = promisify(execFile);

/**
 * How to start a program of PostgreSQL, which refuses to run as root.
 * A plain user starts it as itself. Root starts it as `postgres` (or `nobody` where that is missing) and hands the data folder over.
 * Where a folder above the data or above the programs is closed to others (a `mktemp -d`, root's home), that user could not even reach
 * them: then the child gets one capability, to read and search past permissions, and nothing more. The folders' modes stay as they are,
 * and all state stays in one place. The secure bit keeps access(2) honest, by which Postgres looks for its own program.
 */
export class PostgresIdentity {
  private constructor(
    private readonly prefix: readonly string[],
    readonly owner: { readonly uid: number; readonly gid: number } | undefined,
  ) {}

  static async for(paths: readonly string[]): Promise<PostgresIdentity> {
    if (process.getuid?.() !== 0) return new PostgresIdentity([], undefined);
    const owner = await serverUser();
    const closed = await firstClosedFolder(paths, owner.uid);
    if (closed === undefined) return new PostgresIdentity([], owner);
    await assertCanLendCapability(closed);
    const { uid, gid } = owner;
    const ids = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups'];
    const capability = [
      '--inh-caps',
      '+dac_read_search',
      '--ambient-caps',
      '+dac_read_search',
      '--securebits',
      '+no_setuid_fixup',
    ];
    return new PostgresIdentity(['setpriv', ...ids, ...capability], owner);
  }

  /** The command line, and the ids where the spawning call can set them itself. setpriv replaces itself: the pid is the server's. */
  command(program: string, args: readonly string[]): { command: string; args: string[]; uid?: number; gid?: number } {
    const [wrapper, ...options] = this.prefix;
    if (wrapper !== undefined) return { command: wrapper, args: [...options, program, ...args] };
    return { command: program, args: [...args], ...(this.owner && { uid: this.owner.uid, gid: this.owner.gid }) };
  }

  async own(path: string): Promise<void> {
    if (this.owner !== undefined) await chown(path, this.owner.uid, this.owner.gid);
  }

  /** Postgres would say "wrong ownership" deep in its log; this says it in time, and what to do. */
  async assertOwns(dataDir: string): Promise<void> {
    const { uid } = await stat(dataDir);
    const wanted = this.owner?.uid ?? process.getuid?.() ?? uid;
    if (uid === wanted) return;
    throw new PlatformError(
      `The database folder ${dataDir} belongs to user id ${uid}, but PostgreSQL would run here as user id ${wanted}.\n` +
        `Start as the user that made it, or hand it over (chown -R ${wanted} ${dataDir}), or remove the whole state folder to begin anew.`,
    );
  }
}

async function serverUser(): Promise<{ uid: number; gid: number }> {
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (user === undefined) {
    throw new PlatformError(
      'PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody": start as a plain user.',
    );
  }
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

async function firstClosedFolder(paths: readonly string[], uid: number): Promise<string | undefined> {
  for (const path of paths) {
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const { mode, uid: ownedBy } = await stat(folder);
      const open = (mode & 0o001) !== 0 || (ownedBy === uid && (mode & 0o100) !== 0);
      if (!open) return folder;
      if (folder === dirname(folder)) break;
    }
  }
  return undefined;
}

async function assertCanLendCapability(closed: string): Promise<void> {
  const remedy = `PostgreSQL runs as another user than root and cannot pass the folder ${closed}: open it for passing (chmod o+x ${closed}), or start as a plain user.`;
  try {
    await run('setpriv', [
      '--inh-caps',
      '+dac_read_search',
      '--ambient-caps',
      '+dac_read_search',
      '--securebits',
      '+no_setuid_fixup',
      'true',
    ]);
  } catch (cause) {
    throw new PlatformError(remedy, { cause });
  }
}
