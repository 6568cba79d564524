import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { FolderStore } from '#intake';

/** A file system of 1 MiB, where the machine lets us have one. */
function mountSmall(folder: string): boolean {
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    // Not root, or a container without the right: the suite says that it was skipped.
    return false;
  }
}

const probe = await mkdtemp(join(tmpdir(), 'small-'));
const canMount = mountSmall(probe);
if (canMount) execFileSync('/bin/umount', [probe]);
await rm(probe, { recursive: true });

(canMount ? describe : describe.skip)(
  `a store on a full disk${canMount ? '' : ' (skipped: tmpfs cannot be mounted)'}`,
  () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'small-'));
      mountSmall(folder);
    });
    afterEach(async () => {
      execFileSync('/bin/umount', [folder]);
      await rm(folder, { recursive: true });
    });

    it('says so, leaves nothing behind, and works again when there is room', async () => {
      const store = new FolderStore(folder);
      const ballast = join(folder, 'ballast');
      await writeFile(ballast, Buffer.alloc(900 * 1024));
      const put = () =>
        store.put(Readable.from([Buffer.alloc(200 * 1024, 1), Buffer.alloc(200 * 1024, 2)]), { maxBytes: 1e6 });
      await expect(put()).rejects.toMatchObject({ name: 'StoreError', code: 'full' });
      expect(await readdir(join(folder, 'staging'))).toEqual([]);
      await rm(ballast);
      expect(await put()).toMatchObject({ bytes: 400 * 1024 });
    });
  },
);
