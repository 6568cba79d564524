import type { Prepared } from '#intake';
import { type AnswerFile, refused } from './answer.js';

/** How a network takes files of some types, and up to which size. */
export interface FileRule<As extends string = string> {
  readonly as: As;
  readonly types: RegExp;
  readonly maxBytes: number;
}

export const mebibyte = 1024 * 1024;

export interface FittingFile<As extends string = string> {
  readonly file: AnswerFile;
  readonly as: As;
}

interface FileRules<As extends string> {
  readonly network: string;
  readonly rules: readonly FileRule<As>[];
  /** In one answer; several are several messages of the network. */
  readonly maxFiles?: number;
}

/** The files with how the network takes each, or why it does not take one of them: its limit is named. */
export function fittingFiles<As extends string>(
  files: readonly AnswerFile[],
  { network, rules, maxFiles = 10 }: FileRules<As>,
): readonly FittingFile<As>[] | Prepared {
  if (files.length > maxFiles) {
    return refused('message_too_large', `${files.length} files, ${network} takes ${maxFiles} in one answer`);
  }
  const fitting: FittingFile<As>[] = [];
  for (const file of files) {
    const rule = rules.find(({ types }) => types.test(file.mediaType));
    if (rule === undefined) return refused('message_rejected', `${network} takes no files of type ${file.mediaType}`);
    if (file.bytes > rule.maxBytes) {
      const limit = `${rule.maxBytes / mebibyte} MiB for ${file.mediaType}`;
      return refused('message_too_large', `a file of ${file.bytes} bytes, the limit of ${network} is ${limit}`);
    }
    fitting.push({ file, as: rule.as });
  }
  return fitting;
}

export const isRefusal = (fitting: readonly FittingFile[] | Prepared): fitting is Prepared => !Array.isArray(fitting);

/** What a network without uploads says to files. */
export const noFiles = (network: string, why: string): Prepared => refused('message_rejected', `${network} ${why}`);
