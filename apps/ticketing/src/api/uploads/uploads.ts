import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '#auth';
import { type Attachment, contentTypeOf } from '#contracts';
import { Problem } from '#http';
import {
  FolderStore,
  problemOfBusy,
  problemOfRefusal,
  readMultipart,
  type StagedBytes,
  StoreError,
  storeOutcome,
} from '#intake';
import { UploadRepository } from '../../store/upload.repository.js';
import { API_SETTINGS, type ApiSettings } from '../settings.js';
import type { UploadDto } from './upload.dto.js';

/** What a multipart body has beside the file: its boundaries and the head of its part. Bytes. */
const aroundFile = 64 * 1024;
/** Of one account, waiting for answers: a disk is not filled by one pair of hands. */
const mostWaiting = 200;

/** Files that agents send for their answers. */
@Injectable()
export class Uploads {
  constructor(
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
    private readonly store: FolderStore,
    private readonly uploads: UploadRepository,
  ) {}

  /** The bytes are in the store before the row that names them: what dies in between leaves bytes that nobody knows, never the reverse. */
  async take(request: FastifyRequest, user: Principal): Promise<UploadDto> {
    if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) {
      throw new Problem(415, 'unsupported_media_type', 'Files are sent as multipart/form-data');
    }
    const staged: StagedBytes[] = [];
    try {
      const file = await this.read(request, staged);
      for (const bytes of staged) if (bytes.sha256 === file.sha256) await bytes.commit();
      return await this.remember(file, user);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const outcome = storeOutcome(error);
      throw outcome.kind === 'busy' ? problemOfBusy(outcome) : problemOfRefusal(outcome.refusal);
    } finally {
      // Of what was committed nothing is left to be discarded.
      await Promise.all(staged.map((bytes) => bytes.discard()));
    }
  }

  private async read(request: FastifyRequest, staged: StagedBytes[]): Promise<Attachment> {
    const bytes = this.settings.ANSWER_FILES_MAX_BYTES;
    const limits = { count: 1, bytes, totalBytes: bytes + aroundFile };
    const pairs: [string, string][] = [];
    const read = await readMultipart(request.raw, { store: this.store, limits, staged, pairs });
    if (!read.ok) throw problemOfRefusal(read.refusal);
    const [field] = pairs;
    if (field !== undefined) throw wrongField(field[0].slice(0, 100), 'validation_failed', 'unknown_field');
    const [file] = read.value;
    if (file === undefined) throw wrongField('files', 'file_required', 'file_required');
    if (file.bytes === 0) throw wrongField('files', 'file_empty', 'file_empty');
    return { ...file, mediaType: statedType(file) };
  }

  private async remember(file: Attachment, user: Principal): Promise<UploadDto> {
    const id = randomUUID();
    const until = await this.uploads.add(id, user.accountId, file, mostWaiting);
    if (until === undefined) {
      throw new Problem(429, 'too_many_uploads', 'Too many files wait for an answer', {
        detail: `At most ${mostWaiting} files of one account`,
        headers: { 'retry-after': '3600' },
      });
    }
    const { name, mediaType: contentType, bytes: size, sha256 } = file;
    return { id, name, contentType, size, sha256, expiresAt: until.toISOString() };
  }
}

/** The customer's program is told what the bytes are, whatever the agent's called them. Texts of all kinds are one by content. */
function statedType(file: Attachment): string {
  return file.detectedType === 'text/plain' ? file.mediaType : contentTypeOf(file);
}

const titles = {
  validation_failed: 'Some fields are missing or wrong',
  file_required: 'A file is missing',
  file_empty: 'The file is empty',
} as const;

function wrongField(field: string, code: keyof typeof titles, rule: string): Problem {
  return new Problem(422, code, titles[code], { errors: [{ field, code: rule, message: titles[code] }] });
}
