import type { AnswerFile } from '../answer.js';
import type { FittingFile } from '../answer-files.js';

export type MetaFileType = 'image' | 'audio' | 'video' | 'file';

/** A message that is one file, with its bytes. Source: developers.facebook.com/docs/messenger-platform/send-messages, "Attaching from file". */
export async function messageWithFile(
  { file, as }: FittingFile<MetaFileType>,
  head: Readonly<Record<string, unknown>>,
  metadata: string,
): Promise<FormData> {
  const form = new FormData();
  for (const [name, value] of Object.entries(head)) {
    form.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  form.set('message', JSON.stringify({ attachment: { type: as, payload: { is_reusable: false } }, metadata }));
  form.set('filedata', await file.read(), asciiName(file));
  return form;
}

/** Instagram takes no other names. */
function asciiName({ name }: AnswerFile): string {
  const plain = name
    .replace(/[đĐ]/g, (letter) => (letter === 'đ' ? 'd' : 'D'))
    .normalize('NFKD')
    .replace(/\p{M}/gu, '');
  return plain.replace(/[^\x20-\x7e]/g, '_');
}
