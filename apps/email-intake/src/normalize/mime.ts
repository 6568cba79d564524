import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Attachment } from '#contracts';
import { type AttachmentStream, type Headers, MailParser, type MessageText } from 'mailparser';
import { detectType, mediaTypeOf, safeFileName } from './attachments.js';
import { decodeText } from '#charset';
import { type HeaderLine, MailHeader, parseHeaderBlock } from './header.js';
import { type MailLimits, MailRefused } from './limits.js';
import { Measure, measureBytes, type Measured } from './measure.js';

/** Where the bytes of an attachment go; answers what they are called there. */
export type KeepAttachment = (content: Readable) => Promise<{ readonly sha256: string; readonly bytes: number }>;

export interface ParsedMime {
  readonly header: MailHeader;
  /** Addresses and subject as decoded by the parser. */
  readonly headers: Headers;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly Attachment[];
  readonly deliveryStatus?: Buffer;
  /** Header of a mail inside this one: returned by a mail server, or forwarded as an attachment. */
  readonly embedded?: MailHeader;
  readonly flags: readonly string[];
}

const typeBytes = 64 * 1024;
const maxAttachments = 100;

/** The two members of the parser that have no option: how a part is created, and how its charset is decoded. */
interface ParserInternals {
  createNode(node: SplitNode): { isAttachment?: boolean; charset?: string | undefined };
  decoder: { decodeStream(charset: string): Transform };
}
interface SplitNode {
  readonly parentNode: SplitNode | false;
  readonly charset: string | false;
}

/** Collects a text part up to a bound and decodes it as a whole, since a guess needs all of it. */
function textDecoder(declared: string, limits: MailLimits, flags: Set<string>): Transform {
  const chunks: Buffer[] = [];
  let kept = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const room = limits.textBytes - kept;
      if (chunk.length > room) flags.add('truncated');
      if (room > 0) chunks.push(chunk.subarray(0, room));
      kept += Math.min(chunk.length, Math.max(room, 0));
      done();
    },
    flush(done) {
      const { text, guessed } = decodeText(Buffer.concat(chunks), declared === '' ? undefined : declared);
      if (guessed) flags.add('charset_guessed');
      done(null, Buffer.from(text));
    },
  });
}

/** Prefix that keeps the parser from decoding UTF-8 and ASCII on its own, without a check and without a bound. */
const ours = 'declared ';

function boundedParser(limits: MailLimits, flags: Set<string>, seen: { depth: number }): MailParser {
  const parser = new MailParser({
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipImageLinks: true,
    skipTextLinks: true,
    keepDeliveryStatus: true,
    ignoreEmbedded: true,
    checksumAlgo: false,
    maxHeadSize: limits.headerBytes,
    maxChildNodes: limits.parts,
  });
  const internals = parser as unknown as ParserInternals;
  const create = internals.createNode.bind(parser);
  const depths = new WeakMap<SplitNode, number>();
  internals.createNode = (node) => {
    const depth = node.parentNode === false ? 0 : (depths.get(node.parentNode) ?? 0) + 1;
    depths.set(node, depth);
    seen.depth = Math.max(seen.depth, depth);
    const created = create(node);
    if (created.isAttachment === false) created.charset = ours + (node.charset === false ? '' : node.charset);
    return created;
  };
  internals.decoder = { decodeStream: (charset) => textDecoder(charset.slice(ours.length), limits, flags) };
  return parser;
}

/** Parses the bytes of a mail within the limits; what is over them is refused with its reason. */
export async function readMime(
  source: Buffer | Readable,
  limits: MailLimits,
  keep: KeepAttachment,
): Promise<{ readonly mime: ParsedMime; readonly measured: Measured }> {
  const flags = new Set<string>();
  const seen = { depth: 0 };
  const parser = boundedParser(limits, flags, seen);
  let lines: readonly HeaderLine[] = [];
  let headers: Headers = new Map();
  parser.on('headers', (decoded: Headers) => (headers = decoded));
  parser.on('headerLines', (raw: readonly HeaderLine[]) => (lines = raw));
  const parts = new PartCollector(keep, flags);
  let measured: Measured;
  try {
    measured = Buffer.isBuffer(source)
      ? await readWhole(source, limits, parser, parts)
      : await readStream(source, limits, parser, parts);
  } catch (error) {
    throw refusalOf(error);
  }
  if (seen.depth > limits.depth) throw new MailRefused('too_deeply_nested', 'parse', `${seen.depth} levels of parts`);
  return { mime: { header: new MailHeader(lines), headers, ...parts.result(), flags: [...flags] }, measured };
}

/** Without the machinery of a pipeline, which costs a small mail as much as its parsing. */
async function readWhole(raw: Buffer, limits: MailLimits, parser: MailParser, parts: PartCollector): Promise<Measured> {
  const measured = measureBytes(raw, limits);
  await new Promise<void>((resolve, reject) => {
    parser.on('data', (part) => {
      parts.add(part).catch((error: Error) => parser.destroy(error));
    });
    parser.once('end', resolve);
    parser.on('error', reject);
    parser.end(raw);
  });
  return measured;
}

async function readStream(
  source: Readable,
  limits: MailLimits,
  parser: MailParser,
  parts: PartCollector,
): Promise<Measured> {
  const measure = new Measure(limits);
  await pipeline(source, measure, parser as Transform, async (stream: AsyncIterable<unknown>) => {
    for await (const part of stream as AsyncIterable<MailPart>) await parts.add(part);
  });
  return measure.result();
}

function refusalOf(error: unknown): unknown {
  if (error instanceof MailRefused || !(error instanceof Error)) return error;
  if ('code' in error && error.code === 'EMAXLEN') {
    return /head/i.test(error.message)
      ? new MailRefused('header_too_large', 'parse', error.message)
      : new MailRefused('too_many_parts', 'parse', error.message);
  }
  return error;
}

type MailPart = AttachmentStream | MessageText;

class PartCollector {
  private text = '';
  private html = '';
  private readonly attachments: Attachment[] = [];
  private deliveryStatus: Buffer | undefined;
  private embedded: MailHeader | undefined;

  constructor(
    private readonly keep: KeepAttachment,
    private readonly flags: Set<string>,
  ) {}

  async add(part: MailPart): Promise<void> {
    if (part.type === 'attachment') {
      await this.take(part);
      part.release?.();
      return;
    }
    this.text = part.text ?? '';
    this.html = part.html ?? '';
  }

  private async take(part: AttachmentStream): Promise<void> {
    const mediaType = mediaTypeOf(part.contentType);
    const head = new HeadCapture();
    if (
      mediaType === 'message/delivery-status' ||
      mediaType === 'text/rfc822-headers' ||
      this.attachments.length >= maxAttachments
    ) {
      if (this.attachments.length >= maxAttachments) this.flags.add('attachments_left_out');
      for await (const chunk of part.content) head.take(chunk as Buffer);
    } else {
      const watched = head.stream();
      part.content.once('error', (error: Error) => watched.destroy(error));
      const stored = await this.keep(part.content.pipe(watched));
      const detected = await detectType(head.bytes());
      this.attachments.push({
        sha256: stored.sha256,
        name: safeFileName(part.filename, mediaType),
        mediaType,
        ...(detected === undefined ? {} : { detectedType: detected }),
        bytes: stored.bytes,
        inline: part.related === true || (part.contentDisposition === 'inline' && part.cid !== undefined),
        ...(part.cid === undefined || part.cid === '' ? {} : { contentId: part.cid.toWellFormed().slice(0, 990) }),
      });
    }
    if (mediaType === 'message/delivery-status') this.deliveryStatus ??= head.bytes();
    if (mediaType === 'message/rfc822' || mediaType === 'text/rfc822-headers')
      this.embedded ??= parseHeaderBlock(head.bytes().toString('latin1'));
  }

  result(): Pick<ParsedMime, 'text' | 'html' | 'attachments' | 'deliveryStatus' | 'embedded'> {
    return {
      text: this.text,
      html: this.html,
      attachments: this.attachments,
      ...(this.deliveryStatus === undefined ? {} : { deliveryStatus: this.deliveryStatus }),
      ...(this.embedded === undefined ? {} : { embedded: this.embedded }),
    };
  }
}

class HeadCapture {
  private readonly chunks: Buffer[] = [];
  private kept = 0;

  take(chunk: Buffer): void {
    if (this.kept >= typeBytes) return;
    this.chunks.push(chunk.subarray(0, typeBytes - this.kept));
    this.kept += chunk.length;
  }

  stream(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.take(chunk);
        done(null, chunk);
      },
    });
  }

  bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}
