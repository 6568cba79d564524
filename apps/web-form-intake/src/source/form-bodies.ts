import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import {
  type AttachmentStore,
  type Checked,
  type FileLimits,
  type MultipartParts,
  problemOfRefusal,
  readMultipart,
  type Refusal,
  type StagedBytes,
} from '#intake';
import type { FormBody, FormPost } from '../feedback.intake.js';
import { fromTexts } from '../normalize/parse-body.js';

/** JSON of this size always fits the log; the longest message, escaped, fits it. Bytes. */
const jsonLimit = 128 * 1024;
/** Percent-encoding makes nine bytes of one Vietnamese letter. */
const urlencodedLimit = 512 * 1024;

const mediaTypes = {
  json: 'application/json',
  urlencoded: 'application/x-www-form-urlencoded',
  multipart: 'multipart/form-data',
} as const;
type Accepted = keyof typeof mediaTypes;

/** Lets the bodies of forms through as the bytes that came, and leaves multipart streams alone. */
export function registerBodyParsers(app: NestFastifyApplication): void {
  const keepBytes = (_request: unknown, body: Buffer, done: (error: Error | null, body: Buffer) => void) =>
    done(null, body);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  app.useBodyParser('application/json', { bodyLimit: jsonLimit }, keepBytes);
  app.useBodyParser('application/x-www-form-urlencoded', { bodyLimit: urlencodedLimit }, keepBytes);
  fastify.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));
}

interface IncomingBody extends Pick<FormPost, 'body' | 'staged'> {
  /** The texts of an HTML form as far as they have arrived, to show them again. */
  texts(): readonly (readonly [name: string, value: string])[];
}

/** Finds the body of a submission in a request. */
export class FormBodies {
  constructor(
    private readonly store: Pick<AttachmentStore, 'stage'>,
    readonly limits: FileLimits,
  ) {}

  /** @throws Problem 415 for a type, charset or encoding that this route does not take. */
  of(request: FastifyRequest, accepted: readonly Accepted[]): IncomingBody {
    const type = this.typeOf(request, accepted);
    if (type === 'multipart') {
      const parts = {
        store: this.store,
        limits: this.limits,
        staged: [] as StagedBytes[],
        pairs: [] as [string, string][],
      };
      return { staged: parts.staged, body: () => readRendition(request, parts), texts: () => parts.pairs };
    }
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const texts = () => (type === 'urlencoded' ? [...new URLSearchParams(bytes.toString())] : []);
    return { staged: [], body: { format: type, bytes }, texts };
  }

  private typeOf(request: FastifyRequest, accepted: readonly Accepted[]): Accepted {
    const { 'content-type': contentType = '', 'content-encoding': encoding = 'identity' } = request.headers;
    // The usual case by one comparison.
    if (contentType === mediaTypes.json && encoding === 'identity' && accepted.includes('json')) return 'json';
    if (encoding.toLowerCase() !== 'identity') {
      throw problemOfRefusal(unsupported('unsupported_encoding', 'Compressed bodies are not taken'));
    }
    const [mediaType = '', ...parameters] = contentType.toLowerCase().split(';');
    const type = accepted.find((name) => mediaTypes[name] === mediaType.trim());
    if (type === undefined)
      throw problemOfRefusal(unsupported('unsupported_media_type', 'This content type is not taken here'));
    const charset = parameters.map((parameter) => /^\s*charset\s*=\s*"?([^"\s]+)/.exec(parameter)?.[1]).find(Boolean);
    if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') {
      throw problemOfRefusal(unsupported('unsupported_charset', 'Text must be UTF-8'));
    }
    return type;
  }
}

/** The original of a multipart body is our JSON of it: its fields as they came, its files by their hash. */
async function readRendition(request: FastifyRequest, parts: MultipartParts): Promise<Checked<FormBody>> {
  const files = await readMultipart(request.raw, parts);
  if (!files.ok) return files;
  const content = fromTexts(parts.pairs);
  if (!content.ok) return content;
  if (Object.hasOwn(content.value, 'files')) return { ok: false, refusal: filesAsText };
  const rendition = { ...content.value, files: files.value };
  return { ok: true, value: { format: 'rendition', bytes: Buffer.from(JSON.stringify(rendition)) } };
}

function unsupported(code: string, detail: string): Refusal {
  return { kind: 'unsupported_media', code, detail };
}

const filesAsText: Refusal = {
  kind: 'invalid',
  code: 'validation_failed',
  detail: 'Some fields are missing or wrong',
  errors: [{ field: 'files', code: 'invalid_type', message: 'Must be files' }],
};
