import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system of its own, in memory, that can be filled without harm to the machine. Mounting needs root, as containers have it. */
export class SmallDisk {
  private constructor(readonly dir: string) {}

  /** There is one while `work` runs. */
  static async with(megabytes: number, work: (disk: SmallDisk) => Promise<void>): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'phanhoi-disk-'));
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', dir]);
    try {
      await work(new SmallDisk(dir));
    } finally {
      await run('umount', [dir]);
      await rm(dir, { recursive: true });
    }
  }

  /** Leaves not one byte. */
  async fill(): Promise<void> {
    const file = await open(this.filler, 'a');
    try {
      for (const bytes of [1 << 20, 1 << 12, 1]) await writeUntilFull(file, Buffer.alloc(bytes));
    } finally {
      await file.close();
    }
  }

  /** Space returns. */
  async free(): Promise<void> {
    await rm(this.filler, { force: true });
  }

  private get filler(): string {
    return join(this.dir, 'filler');
  }
}

async function writeUntilFull(file: { write(bytes: Buffer): Promise<unknown> }, chunk: Buffer): Promise<void> {
  for (;;) {
    try {
      await file.write(chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}
