import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#auth';
import type { Attachment } from '#contracts';
import { Problem } from '#http';
import type { Transaction } from '#postgres';
import { filesMisfit } from '../../domain/answer-files.js';
import type { AnswerWay } from '../../domain/answer-route.js';
import { UploadRepository } from '../../store/upload.repository.js';
import { API_SETTINGS, type ApiSettings } from '../settings.js';

/** The files of an answer: what was sent before under these ids, taken for this answer alone. */
@Injectable()
export class AnswerFiles {
  constructor(
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
    private readonly uploads: UploadRepository,
  ) {}

  /**
   * Within the answer's transaction: when that is rolled back, the ids are good again.
   * @throws Problem 422 for ids that are not the caller's to use, and for files that the way does not carry.
   */
  async take(tx: Transaction, user: Principal, given: readonly string[], way: AnswerWay): Promise<Attachment[]> {
    if (given.length === 0) return [];
    const most = this.settings.ANSWER_FILES_MAX_COUNT;
    if (given.length > most) {
      throw new Problem(422, 'too_many_files', 'An answer has fewer files', {
        errors: [{ field: 'attachments', code: 'too_many_files', message: `at most ${most} files` }],
      });
    }
    const ids = given.map((id) => id.toLowerCase());
    const taken = await this.uploads.take(tx, user.accountId, ids);
    const unknown = ids.flatMap((id, index) => (taken.has(id) && ids.indexOf(id) === index ? [] : [index]));
    if (unknown.length > 0) {
      throw new Problem(422, 'upload_unknown', 'There is no such file of yours that waits for an answer', {
        detail: 'A file is good for one answer of the one who sent it, for 24 hours',
        errors: unknown.map((index) => ({ field: `attachments.${index}`, code: 'unknown', message: 'send it again' })),
      });
    }
    const files = ids.flatMap((id) => taken.get(id) ?? []);
    const misfit = filesMisfit(files, way, new Date());
    if (misfit === undefined) return files;
    const field = misfit.index === undefined ? 'attachments' : `attachments.${misfit.index}`;
    throw new Problem(422, misfit.code, 'The channel of the answer does not carry these files', {
      detail: misfit.detail,
      errors: [{ field, code: misfit.code, message: misfit.detail }],
    });
  }
}
