import { type FileRules, fitFiles } from '#contracts';
import type { Prepared } from '#intake';
import { type AnswerFile, refused } from './answer.js';

export interface FittingFile<As extends string = string> {
  readonly file: AnswerFile;
  readonly as: As;
}

/** The files with how the network takes each, or why it does not take one of them. */
export function fittingFiles<As extends string>(
  files: readonly AnswerFile[],
  rules: FileRules<As>,
): readonly FittingFile<As>[] | Prepared {
  const fit = fitFiles(files, rules);
  if (fit.ok) return fit.fitting;
  const { code, detail } = fit.misfit;
  return refused(code === 'file_type_not_taken' ? 'message_rejected' : 'message_too_large', detail);
}

export const isRefusal = (fitting: readonly FittingFile[] | Prepared): fitting is Prepared => !Array.isArray(fitting);

/** What a network without uploads says to files. */
export const noFiles = (why: string): Prepared => refused('message_rejected', why);
