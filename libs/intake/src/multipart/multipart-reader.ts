import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { type Attachment, oneLine } from '#contracts';
import { type AttachmentStore, type StagedBytes, StoreError } from '../attachment-store.js';
import type { Refusal, RefusalKind } from '../outcome.js';
import { attachableType, headBytes } from './file-type.js';

export interface FileLimits {
  readonly count: number;
  readonly bytes: number;
  /** Of the whole body. */
  readonly totalBytes: number;
}

/** What a body is read into while it arrives: all of it counts even when the body is refused in the end. */
export interface MultipartParts {
  readonly store: Pick<AttachmentStore, 'stage'>;
  readonly limits: FileLimits;
  /** Gets each file, for the caller to commit or discard. */
  readonly staged: StagedBytes[];
  readonly pairs: [name: string, value: string][];
}

type FilesRead =
  | { readonly ok: true; readonly value: readonly Attachment[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** Carries a refusal out of the streams. */
class Refused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.code);
  }
}

const refused = (kind: RefusalKind, code: string, detail: string) => new Refused({ kind, code, detail });
const refusedFile = (kind: RefusalKind, code: string, message: string) =>
  new Refused({ kind, code, detail: message, errors: [{ field: 'files', code, message }] });

/**
 * Reads a multipart body and returns its files, which stream into the store while they arrive and are only staged. All bytes are counted here, also those before the first and between the parts, which no parser reports.
 */
export async function readMultipart(request: IncomingMessage, parts: MultipartParts): Promise<FilesRead> {
  const { limits } = parts;
  if (Number(request.headers['content-length']) > limits.totalBytes) {
    request.resume();
    return { ok: false, refusal: tooLarge(limits.totalBytes).refusal };
  }
  const files: Promise<Attachment | undefined>[] = [];
  const streams: BusboyFileStream[] = [];
  try {
    await pump(request, limits, (parser, fail) => {
      parser.on('field', (name, value, nameCut, valueCut) => {
        if (nameCut || valueCut) fail(refused('too_large', 'field_too_large', 'A field is too large'));
        else parts.pairs.push([name, value]);
      });
      parser.on('file', (name, stream, fileName, _encoding, mediaType) => {
        // A broken request ends here, too: whoever reads the stream reports it.
        stream.on('error', fail);
        const file = takeFile(stream, { name, fileName, mediaType }, parts);
        file.catch(fail);
        files.push(file);
        streams.push(stream);
      });
    });
    const kept = (await Promise.all(files)).filter((file) => file !== undefined);
    if (kept.length > limits.count) throw refusedFile('invalid', 'too_many_files', `At most ${limits.count} files`);
    return { ok: true, value: kept };
  } catch (error) {
    // Staging that has begun must end before the caller can discard it; a parser that is gone ends no stream.
    for (const stream of streams) stream.destroy(new Error('the body was not read to its end'));
    await Promise.allSettled(files);
    if (error instanceof Refused) return { ok: false, refusal: error.refusal };
    throw error;
  }
}

/** Drives the bytes through the counter into the parser; settles when the parser has seen everything or somebody failed. */
function pump(
  request: IncomingMessage,
  limits: FileLimits,
  listen: (parser: BusboyInstance, fail: (error: unknown) => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const parser = createParser(request, limits);
    let total = 0;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        total += chunk.length;
        done(total > limits.totalBytes ? tooLarge(limits.totalBytes) : null, chunk);
      },
    });
    const fail = (error: unknown) => {
      request.unpipe(count);
      count.unpipe(parser);
      // What the client still sends is read and thrown away, so that it gets to see the answer.
      request.resume();
      parser.destroy();
      reject(error instanceof Refused || error instanceof StoreError ? error : malformed());
    };
    listen(parser, fail);
    parser.on('partsLimit', () => fail(refused('too_large', 'too_many_parts', 'The body has too many parts')));
    parser.on('fieldsLimit', () => fail(refused('too_large', 'too_many_parts', 'The body has too many fields')));
    parser.on('filesLimit', () => fail(refusedFile('invalid', 'too_many_files', `At most ${limits.count} files`)));
    parser.on('error', fail);
    count.on('error', fail);
    request.on('error', fail);
    request.on('close', () => {
      if (!request.readableEnded) fail(malformed());
    });
    parser.on('finish', resolve);
    request.pipe(count).pipe(parser);
  });
}

function createParser(request: IncomingMessage, limits: FileLimits): BusboyInstance {
  try {
    return new Busboy({
      headers: request.headers as { 'content-type': string },
      limits: {
        fieldNameSize: 300,
        fieldSize: 128 * 1024,
        fields: 100,
        // Browsers send one empty part for a file field that was left alone.
        files: limits.count + 1,
        parts: 100 + limits.count + 1,
        headerPairs: 20,
        headerSize: 16 * 1024,
      },
    });
  } catch {
    // The parser throws for one reason: a Content-Type that it cannot use, such as one without a boundary.
    request.resume();
    throw malformed();
  }
}

async function takeFile(
  stream: BusboyFileStream,
  file: { readonly name: string; readonly fileName: string | undefined; readonly mediaType: string },
  { store, limits, staged }: MultipartParts,
): Promise<Attachment | undefined> {
  const head = new HeadKeeper();
  const bytes = await stage(stream, head, store, limits);
  staged.push(bytes);
  if (bytes.bytes === 0 && (file.fileName ?? '') === '') return undefined;
  if (file.name !== 'files' && file.name !== 'files[]') {
    const error = {
      field: file.name.slice(0, 100),
      code: 'unknown_field',
      message: 'Files are taken in the field "files"',
    };
    throw new Refused({
      kind: 'invalid',
      code: 'validation_failed',
      detail: 'Some fields are missing or wrong',
      errors: [error],
    });
  }
  const detectedType = await attachableType(head.bytes, file.mediaType);
  if (detectedType === undefined) {
    throw refusedFile('unsupported_media', 'file_type_not_allowed', 'Files of this type cannot be attached');
  }
  return {
    sha256: bytes.sha256,
    name: fileName(file.fileName),
    mediaType: (oneLine(file.mediaType) ?? detectedType).slice(0, 255),
    detectedType,
    bytes: bytes.bytes,
    inline: false,
  };
}

async function stage(
  stream: Readable,
  head: HeadKeeper,
  store: Pick<AttachmentStore, 'stage'>,
  limits: FileLimits,
): Promise<StagedBytes> {
  try {
    // A body may break before the store begins to read: an error that nobody hears ends the process.
    head.on('error', () => undefined);
    stream.on('error', (error) => head.destroy(error));
    return await store.stage(stream.pipe(head), { maxBytes: limits.bytes });
  } catch (error) {
    stream.unpipe(head);
    stream.resume();
    if (error instanceof StoreError && error.code === 'too_large') {
      throw refusedFile('too_large', 'file_too_large', `A file has at most ${limits.bytes} bytes`);
    }
    throw error;
  }
}

/** Lets everything through and remembers how it began. */
class HeadKeeper extends Transform {
  private readonly chunks: Buffer[] = [];
  private missing = headBytes;

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    if (this.missing > 0) {
      this.chunks.push(chunk.subarray(0, this.missing));
      this.missing -= chunk.length;
    }
    done(null, chunk);
  }
}

/** The last part of the path, on one line, without what a file system could take for more than a name. */
export function fileName(given: string | undefined): string {
  const last = (oneLine(given) ?? '').split(/[/\\]/).at(-1) ?? '';
  const cleaned = last.replace(/^\.+/, '').trim();
  if (cleaned.length <= 200) return cleaned === '' ? 'file' : cleaned;
  const dot = cleaned.lastIndexOf('.');
  const ending = dot > 0 && cleaned.length - dot <= 10 ? cleaned.slice(dot) : '';
  return `${cleaned.slice(0, 200 - ending.length).toWellFormed()}${ending}`;
}

const malformed = () => refused('malformed', 'invalid_multipart', 'The body is not valid multipart/form-data');
const tooLarge = (bytes: number) => refused('too_large', 'body_too_large', `The body has at most ${bytes} bytes`);
