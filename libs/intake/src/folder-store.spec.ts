import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { FolderStore } from './folder-store.js';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

describe('FolderStore', () => {
  let folder: string;
  let store: FolderStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'folder-store-'));
    store = new FolderStore(folder);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('names bytes by their hash and gives them back', async () => {
    const bytes = Buffer.from('xin chào');
    const stored = await store.put(Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]), { maxBytes: 100 });
    expect(stored).toEqual({ sha256: sha256(bytes), bytes: bytes.length });
    expect(await buffer(await store.open(stored.sha256))).toEqual(bytes);
    expect(await store.has(stored.sha256)).toBe(true);
  });

  it('keeps the same bytes once, also when they come at once', async () => {
    const put = () => store.put(Readable.from([Buffer.from('same')]), { maxBytes: 100 });
    const stored = await Promise.all(Array.from({ length: 20 }, put));
    expect(new Set(stored.map((one) => one.sha256)).size).toBe(1);
    expect(await filesUnder(folder)).toEqual([sha256(Buffer.from('same'))]);
  });

  it.each([
    ['too many bytes', Readable.from([Buffer.alloc(60), Buffer.alloc(60)]), { code: 'too_large' }],
    ['a stream that breaks', failing(new Error('cut')), { message: 'cut' }],
    ['a full disk', failing(Object.assign(new Error('no space'), { code: 'ENOSPC' })), { code: 'full' }],
    ['a disk that fails', failing(Object.assign(new Error('io'), { code: 'EIO' })), { code: 'unavailable' }],
  ])('leaves nothing after %s', async (_, stream, error) => {
    await expect(store.put(stream, { maxBytes: 100 })).rejects.toMatchObject(error);
    expect(await filesUnder(folder)).toEqual([]);
  });

  it('leaves nothing of what was staged and discarded', async () => {
    const staged = await store.stage(Readable.from([Buffer.from('refused')]), { maxBytes: 100 });
    expect(await store.has(staged.sha256)).toBe(false);
    await staged.discard();
    expect(await filesUnder(folder)).toEqual([]);
  });

  it.each(['../../etc/passwd', '', 'ab', `${'a'.repeat(63)}/`, 'A'.repeat(64), '0'.repeat(64)])(
    'has nothing under %j',
    async (name) => {
      expect(await store.has(name)).toBe(false);
      await expect(store.open(name)).rejects.toMatchObject({ code: 'not_found' });
    },
  );

  it('removes what a dead process left, and nothing that is being written', async () => {
    await mkdir(join(folder, 'staging'));
    await writeFile(join(folder, 'staging', 'old'), 'x');
    await writeFile(join(folder, 'staging', 'fresh'), 'x');
    await utimes(join(folder, 'staging', 'old'), 1, 1);
    await store.put(Readable.from([Buffer.from('new')]), { maxBytes: 100 });
    expect((await filesUnder(folder)).sort()).toEqual([sha256(Buffer.from('new')), 'fresh'].sort());
  });

  it('works again once its folder can be made', async () => {
    const blocked = join(folder, 'later');
    await writeFile(blocked, 'in the way');
    const later = new FolderStore(blocked);
    const put = () => later.put(Readable.from([Buffer.from('x')]), { maxBytes: 100 });
    await expect(put()).rejects.toMatchObject({ name: 'StoreError', code: 'unavailable' });
    await rm(blocked);
    expect(await put()).toEqual({ sha256: sha256(Buffer.from('x')), bytes: 1 });
  });
});

function failing(error: Error): Readable {
  return new Readable({
    read() {
      this.destroy(error);
    },
  });
}
