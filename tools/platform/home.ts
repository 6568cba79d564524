import { mkdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorCode, PlatformError } from './platform-error.js';

const neededBytes = 1024 ** 3;

/** The folder that holds all state of one platform (`PHANHOI_HOME`). Removing it is a factory reset. */
export class Home {
  private constructor(
    readonly path: string,
    /** The last platform here was killed: its children may still be ending. */
    readonly wasAbandoned: boolean,
  ) {}

  static at(env: NodeJS.ProcessEnv): string {
    return resolve(env['PHANHOI_HOME'] ?? '.phanhoi');
  }

  /** Makes the folder and takes it for this process, or says who has it. */
  static async take(path: string): Promise<Home> {
    try {
      await mkdir(path, { recursive: true });
      await assertUsable(path);
      const before = await holderOf(path);
      if (before !== undefined && before !== process.pid && isAlive(before)) {
        throw new PlatformError(
          `A platform (process ${before}) already runs on ${path}: stop it, or use another folder (PHANHOI_HOME) and PHANHOI_PORT_BASE.\n` +
            `If process ${before} is something else, remove ${lockFile(path)}.`,
        );
      }
      await writeFile(lockFile(path), `${process.pid}\n`);
      return new Home(path, before !== undefined);
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOSPC')
        throw new PlatformError(`The disk of ${path} is full: free at least 1 GB.`, { cause: error });
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
        throw new PlatformError(
          `The state folder ${path} cannot be written: give it to this user, or set PHANHOI_HOME to another.`,
          { cause: error },
        );
      }
      throw error;
    }
  }

  /** Whether a platform runs on this folder now. */
  static async isTaken(path: string): Promise<boolean> {
    const holder = await holderOf(path);
    return holder !== undefined && isAlive(holder);
  }

  in(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  async release(): Promise<void> {
    await rm(lockFile(this.path), { force: true });
  }
}

const lockFile = (path: string) => join(path, 'supervisor.pid');

async function assertUsable(path: string): Promise<void> {
  const { uid } = await stat(path);
  const me = process.getuid?.() ?? uid;
  if (uid !== me) {
    throw new PlatformError(
      `The state folder ${path} belongs to user id ${uid}, and you are ${me}.\n` +
        `Start as that user, hand the folder over (chown -R), or set PHANHOI_HOME to a folder of your own.`,
    );
  }
  const { bavail, bsize } = await statfs(path);
  if (bavail * bsize < neededBytes) {
    throw new PlatformError(
      `Only ${Math.round((bavail * bsize) / 1024 ** 2)} MB are free on the disk of ${path}; the platform needs at least 1 GB.`,
    );
  }
}

async function holderOf(path: string): Promise<number | undefined> {
  try {
    return Number(await readFile(lockFile(path), 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
