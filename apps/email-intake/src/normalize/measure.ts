import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { bodyOffset } from './header.js';
import { type MailLimits, MailRefused } from './limits.js';

/** Size and hashes of the raw bytes, taken as they pass. */
export interface Measured {
  readonly bytes: number;
  readonly sha256: string;
  /** Of the body behind the header: the header differs by path, the body does not. */
  readonly bodySha256: string;
  /** The first bytes, for what the parser could make nothing of. */
  readonly head: Buffer;
}

const headBytes = 320 * 1024;

/** As {@link Measure}, of a mail that is in memory. */
export function measureBytes(raw: Buffer, limits: MailLimits): Measured {
  if (raw.length > limits.bytes) throw tooLarge(limits);
  const start = bodyOffset(raw);
  if (start > limits.headerBytes) throw headerTooLarge(limits);
  return {
    bytes: raw.length,
    sha256: createHash('sha256').update(raw).digest('hex'),
    bodySha256: createHash('sha256').update(raw.subarray(start)).digest('hex'),
    head: raw.subarray(0, headBytes),
  };
}

const tooLarge = (limits: MailLimits) =>
  new MailRefused('message_too_large', 'measure', `more than ${limits.bytes} bytes`);
const headerTooLarge = (limits: MailLimits) =>
  new MailRefused('header_too_large', 'measure', `more than ${limits.headerBytes} bytes of header`);

/** Size and hashes of a mail that streams through. */
export class Measure extends Transform {
  private readonly whole = createHash('sha256');
  private readonly body = createHash('sha256');
  private readonly head: Buffer[] = [];
  private kept = 0;
  private bytes = 0;
  private headerBytes = 0;
  /** Bytes that may still belong to the header; undefined once the body has begun. */
  private pending: Buffer | undefined = Buffer.alloc(0);

  constructor(private readonly limits: MailLimits) {
    super();
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null, data?: Buffer) => void,
  ): void {
    this.bytes += chunk.length;
    if (this.bytes > this.limits.bytes) {
      return done(tooLarge(this.limits));
    }
    this.whole.update(chunk);
    if (this.kept < headBytes) this.head.push(chunk.subarray(0, headBytes - this.kept));
    this.kept += chunk.length;
    if (this.pending === undefined) this.body.update(chunk);
    else this.seekBody(Buffer.concat([this.pending, chunk]));
    const header = this.pending?.length ?? this.headerBytes;
    if (header > this.limits.headerBytes) {
      return done(headerTooLarge(this.limits));
    }
    done(null, chunk);
  }

  private seekBody(soFar: Buffer): void {
    const start = bodyOffset(soFar);
    if (start === soFar.length && !/\r?\n\r?\n$/.test(soFar.subarray(-4).toString('latin1'))) {
      this.pending = soFar;
      return;
    }
    this.pending = undefined;
    this.headerBytes = start;
    this.body.update(soFar.subarray(start));
  }

  result(): Measured {
    return {
      bytes: this.bytes,
      sha256: this.whole.digest('hex'),
      bodySha256: this.body.digest('hex'),
      head: Buffer.concat(this.head),
    };
  }
}
