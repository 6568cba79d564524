import type { AnswerFile } from '../answer.js';
import { type FileRule, type FittingFile, mebibyte } from '../answer-files.js';

export type MetaFileType = 'image' | 'audio' | 'video' | 'file';

/** Source: developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/saving-assets, "Supported asset types". */
export const messengerRules: readonly FileRule<MetaFileType>[] = [
  { as: 'image', types: /^image\/(jpeg|png|gif|webp)$/, maxBytes: 8 * mebibyte },
  { as: 'audio', types: /^audio\//, maxBytes: 25 * mebibyte },
  { as: 'video', types: /^video\//, maxBytes: 25 * mebibyte },
  { as: 'file', types: /./, maxBytes: 25 * mebibyte },
];

/** Source: developers.facebook.com/documentation/business-messaging/instagram-messaging/features/attachment-upload. */
export const instagramRules: readonly FileRule<MetaFileType>[] = [
  { as: 'image', types: /^image\/(jpeg|png|gif)$/, maxBytes: 8 * mebibyte },
  { as: 'audio', types: /^audio\/(aac|mp4|x-m4a|wav|x-wav|vnd\.wave)$/, maxBytes: 25 * mebibyte },
  { as: 'video', types: /^video\/(mp4|ogg|x-msvideo|avi|quicktime|webm)$/, maxBytes: 25 * mebibyte },
  { as: 'file', types: /^application\/pdf$/, maxBytes: 25 * mebibyte },
];

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
