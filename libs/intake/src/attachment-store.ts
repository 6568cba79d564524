import type { Readable } from 'node:stream';

/** What the store knows of some bytes: their name is their content. */
export interface StoredBytes {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Bytes that are on disk but not yet in the store: a refused request leaves nothing behind. */
export interface StagedBytes extends StoredBytes {
  /** Puts the bytes in their place; they are durable when this resolves. */
  commit(): Promise<void>;
  /** The bytes, until they are committed or discarded; each call reads them from their start. */
  read(): Readable;
  discard(): Promise<void>;
}

/**
 * Attachments and large originals under their hash. A folder on one machine, an object store on a cluster; never a pod's own disk.
 * Intakes only write; references and deletion belong to ticketing, orphans go after 100 days.
 */
export interface AttachmentStore {
  /** Streams to disk while hashing. Rejects StoreError; what was written by then is gone. `maxBytes` counts the stream's bytes. */
  stage(stream: Readable, options: { readonly maxBytes: number }): Promise<StagedBytes>;
  /** Stage and commit in one. */
  put(stream: Readable, options: { readonly maxBytes: number }): Promise<StoredBytes>;
  /** Rejects StoreError `not_found`, also for what is no hash at all. */
  open(sha256: string): Promise<Readable>;
  has(sha256: string): Promise<boolean>;
}

export type StoreErrorCode = 'too_large' | 'full' | 'not_found' | 'unavailable';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    readonly code: StoreErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
