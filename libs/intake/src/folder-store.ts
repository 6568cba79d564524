import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type AttachmentStore, StoreError, type StagedBytes, type StoredBytes } from './attachment-store.js';

const sha256Pattern = /^[0-9a-f]{64}$/;
/** What the operating system answers, as opposed to Node's own `ERR_…`. */
const systemCode = /^E(?!RR_)[A-Z0-9]+$/;
/** No upload takes longer than this: what is older was left by a process that died. */
const abandonedAfterMs = 3_600_000;

/** A store in one folder: `ab/cd/<sha256>`, staged under `staging/` on the same file system so that the rename is atomic. */
export class FolderStore implements AttachmentStore {
  private readonly staging: string;
  private prepared: Promise<void> | undefined;

  constructor(private readonly folder: string) {
    this.staging = join(folder, 'staging');
  }

  async put(stream: Readable, options: { readonly maxBytes: number }): Promise<StoredBytes> {
    const staged = await this.stage(stream, options);
    await staged.commit();
    return { sha256: staged.sha256, bytes: staged.bytes };
  }

  async stage(stream: Readable, { maxBytes }: { readonly maxBytes: number }): Promise<StagedBytes> {
    const path = join(this.staging, randomUUID());
    try {
      await this.prepare();
      const { sha256, bytes } = await write(stream, path, maxBytes);
      return {
        sha256,
        bytes,
        commit: () => this.commit(path, sha256),
        read: () => createReadStream(path),
        discard: () => rm(path, { force: true }),
      };
    } catch (error) {
      stream.resume();
      await removed(path);
      throw asStoreError(error);
    }
  }

  async open(sha256: string): Promise<Readable> {
    if (!sha256Pattern.test(sha256)) throw new StoreError('not_found', 'not a sha256 in hex');
    try {
      const file = await open(this.place(sha256).path, 'r');
      return file.createReadStream();
    } catch (error) {
      throw asStoreError(error);
    }
  }

  async has(sha256: string): Promise<boolean> {
    if (!sha256Pattern.test(sha256)) return false;
    return await exists(this.place(sha256).path);
  }

  private async commit(path: string, sha256: string): Promise<void> {
    const { folder, path: target } = this.place(sha256);
    try {
      // The same bytes again: the first copy is complete, since only complete files are ever renamed into place.
      if (await exists(target)) return await rm(path, { force: true });
      await mkdir(folder, { recursive: true });
      await rename(path, target);
      await syncFolder(folder);
    } catch (error) {
      await removed(path);
      throw asStoreError(error);
    }
  }

  private place(sha256: string): { folder: string; path: string } {
    const folder = join(this.folder, sha256.slice(0, 2), sha256.slice(2, 4));
    return { folder, path: join(folder, sha256) };
  }

  /** Makes the folder and removes what dead processes left; again after a failure, so that a disk that comes back is used. */
  private prepare(): Promise<void> {
    this.prepared ??= this.sweep().catch((error: unknown) => {
      this.prepared = undefined;
      throw error;
    });
    return this.prepared;
  }

  private async sweep(): Promise<void> {
    await mkdir(this.staging, { recursive: true });
    for (const name of await readdir(this.staging)) {
      const path = join(this.staging, name);
      const age = Date.now() - (await modifiedAt(path));
      if (age > abandonedAfterMs) await rm(path, { force: true });
    }
  }
}

async function write(stream: Readable, path: string, maxBytes: number): Promise<StoredBytes> {
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) return done(new StoreError('too_large', `more than ${maxBytes} bytes`));
      hash.update(chunk);
      done(null, chunk);
    },
  });
  // `flush` syncs before close: a file that is acknowledged survives power loss.
  await pipeline(stream, measure, createWriteStream(path, { flags: 'wx', mode: 0o640, flush: true }));
  return { sha256: hash.digest('hex'), bytes };
}

/** After a failure, which says more than that of the removal; what stays is swept later. */
async function removed(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } finally {
    await handle?.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw asStoreError(error);
  }
}

async function modifiedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    // Another replica swept it first.
    if (codeOf(error) === 'ENOENT') return Date.now();
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

function asStoreError(error: unknown): unknown {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StoreError('full', 'no space left for attachments', { cause: error });
  }
  if (code === 'ENOENT') return new StoreError('not_found', 'no such bytes', { cause: error });
  if (code !== undefined && systemCode.test(code)) {
    return new StoreError('unavailable', `the attachment store does not answer (${code})`, { cause: error });
  }
  return error;
}
