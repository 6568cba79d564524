import type { Attachment } from './feedback-received.js';
import type { Channel } from './registries.js';

/** How a channel takes files of some types, and up to which size. */
export interface FileRule<As extends string = string> {
  /** What the channel takes them as. */
  readonly as: As;
  /** Of the type by content, lower-case, without parameters. */
  readonly types: RegExp;
  readonly maxBytes: number;
}

export interface FileRules<As extends string = string> {
  /** As people are told it. */
  readonly network: string;
  /** The first that fits a type holds. */
  readonly rules: readonly FileRule<As>[];
  /** In one answer; several may be several messages of the network. */
  readonly maxFiles: number;
  /** Of all files of an answer, where the channel has one message for them. */
  readonly maxTotalBytes?: number;
}

/** Why a channel does not take the files of an answer; `index` is of the file, where it is about one. */
export interface FileMisfit {
  readonly code: 'files_not_taken' | 'too_many_files' | 'file_type_not_taken' | 'file_too_large' | 'files_too_large';
  readonly index?: number;
  readonly detail: string;
}

export type FilesFitting<File, As extends string> =
  | { readonly ok: true; readonly fitting: readonly { readonly file: File; readonly as: As }[] }
  | { readonly ok: false; readonly misfit: FileMisfit };

const mebibyte = 1024 * 1024;
const maxFiles = 10;

/**
 * Servers take mails of 25 MB and more, and base64 makes four bytes of three. Source: support.google.com/mail/answer/6584,
 * learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits.
 */
export const mailFiles: FileRules = {
  network: 'E-mail',
  rules: [{ as: 'part', types: /./, maxBytes: 18 * mebibyte }],
  maxFiles,
  maxTotalBytes: 18 * mebibyte,
};

/** Source: developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/saving-assets, "Supported asset types". */
export const messengerFiles: FileRules<'image' | 'audio' | 'video' | 'file'> = {
  network: 'Messenger',
  rules: [
    { as: 'image', types: /^image\/(jpeg|png|gif|webp)$/, maxBytes: 8 * mebibyte },
    { as: 'audio', types: /^audio\//, maxBytes: 25 * mebibyte },
    { as: 'video', types: /^video\//, maxBytes: 25 * mebibyte },
    { as: 'file', types: /./, maxBytes: 25 * mebibyte },
  ],
  maxFiles,
};

/** Source: developers.facebook.com/documentation/business-messaging/instagram-messaging/features/attachment-upload. */
export const instagramFiles: FileRules<'image' | 'audio' | 'video' | 'file'> = {
  network: 'Instagram',
  rules: [
    { as: 'image', types: /^image\/(jpeg|png|gif)$/, maxBytes: 8 * mebibyte },
    { as: 'audio', types: /^audio\/(aac|mp4|x-m4a|wav|x-wav|vnd\.wave)$/, maxBytes: 25 * mebibyte },
    { as: 'video', types: /^video\/(mp4|ogg|x-msvideo|avi|quicktime|webm)$/, maxBytes: 25 * mebibyte },
    { as: 'file', types: /^application\/pdf$/, maxBytes: 25 * mebibyte },
  ],
  maxFiles,
};

/** Source: developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media, "Supported media types"; documents of ours end earlier than theirs (100 MB). */
export const whatsAppFiles: FileRules<'image' | 'audio' | 'video' | 'document'> = {
  network: 'WhatsApp',
  rules: [
    { as: 'image', types: /^image\/(jpeg|png)$/, maxBytes: 5 * mebibyte },
    { as: 'audio', types: /^audio\/(aac|amr|mpeg|mp4|ogg)$/, maxBytes: 16 * mebibyte },
    { as: 'video', types: /^video\/(mp4|3gpp)$/, maxBytes: 16 * mebibyte },
    {
      as: 'document',
      types:
        /^(text\/plain|application\/(pdf|msword|vnd\.ms-(excel|powerpoint)|vnd\.openxmlformats-officedocument\..+))$/,
      maxBytes: 25 * mebibyte,
    },
  ],
  maxFiles,
};

/** Source: developers.zalo.me/docs/official-account/quan-ly/quan-ly-thong-tin-oa/upload-hinh-anh, …/upload-file. */
export const zaloFiles: FileRules<'image' | 'gif' | 'file'> = {
  network: 'Zalo',
  rules: [
    { as: 'image', types: /^image\/(jpeg|png)$/, maxBytes: mebibyte },
    { as: 'gif', types: /^image\/gif$/, maxBytes: 5 * mebibyte },
    {
      as: 'file',
      types: /^(application\/(pdf|msword|vnd\.openxmlformats-officedocument\.wordprocessingml\.document)|text\/csv)$/,
      maxBytes: 5 * mebibyte,
    },
  ],
  maxFiles,
};

/** Source: core.telegram.org/bots/api, "Sending files". */
export const telegramFiles: FileRules<'photo' | 'document'> = {
  network: 'Telegram',
  rules: [
    { as: 'photo', types: /^image\/(jpeg|png)$/, maxBytes: 10 * mebibyte },
    { as: 'document', types: /./, maxBytes: 50 * mebibyte },
  ],
  maxFiles,
};

/** What is said where a channel carries no files at all, or not in this place. */
export const takesNoFiles = {
  sms: 'a short message carries no files: providers fetch them from public addresses only',
  line: 'LINE takes files by public addresses only',
  facebookComment: 'Facebook takes answers to comments without files',
  instagramComment: 'Instagram takes answers to comments without files',
  whatsAppTemplate: 'WhatsApp takes no files after 24 hours',
  nowhere: 'this channel carries no files',
} as const;

/** What a file is, by its content where that is known: lower-case, without parameters. */
export function contentTypeOf({ mediaType, detectedType }: Pick<Attachment, 'mediaType' | 'detectedType'>): string {
  const [type = ''] = (detectedType ?? mediaType).toLowerCase().split(';');
  return type.trim();
}

/** The files with what the network takes each as, or why it does not take one of them: its limit is named. `bytes` and type by content. */
export function fitFiles<File extends { readonly type: string; readonly bytes: number }, As extends string>(
  files: readonly File[],
  { network, rules, maxFiles: most, maxTotalBytes }: FileRules<As>,
): FilesFitting<File, As> {
  const misfit = (code: FileMisfit['code'], detail: string, index?: number): FilesFitting<File, As> => ({
    ok: false,
    misfit: { code, detail, ...(index === undefined ? {} : { index }) },
  });
  if (files.length > most) {
    return misfit('too_many_files', `${files.length} files, ${network} takes ${most} in one answer`);
  }
  const fitting: { readonly file: File; readonly as: As }[] = [];
  for (const [index, file] of files.entries()) {
    const rule = rules.find(({ types }) => types.test(file.type));
    if (rule === undefined)
      return misfit('file_type_not_taken', `${network} takes no files of type ${file.type}`, index);
    if (file.bytes > rule.maxBytes) {
      const limit = `${rule.maxBytes / mebibyte} MiB for ${file.type}`;
      return misfit('file_too_large', `a file of ${file.bytes} bytes, the limit of ${network} is ${limit}`, index);
    }
    fitting.push({ file, as: rule.as });
  }
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (maxTotalBytes !== undefined && total > maxTotalBytes) {
    const limit = `${maxTotalBytes / mebibyte} MiB together`;
    return misfit('files_too_large', `files of ${total} bytes, the limit of ${network} is ${limit}`);
  }
  return { ok: true, fitting };
}

/** By channel; a text says why it carries none. Where within a channel some answers carry files and others none, ticketing knows. */
export function filesOf(channel: Channel): FileRules | string {
  switch (channel) {
    case 'email':
      return mailFiles;
    case 'messenger':
      return messengerFiles;
    case 'instagram':
      return instagramFiles;
    case 'whatsapp':
      return whatsAppFiles;
    case 'zalo':
      return zaloFiles;
    case 'telegram':
      return telegramFiles;
    case 'sms':
      return takesNoFiles.sms;
    case 'line':
      return takesNoFiles.line;
    case 'facebook_comment':
      return takesNoFiles.facebookComment;
    default:
      return takesNoFiles.nowhere;
  }
}
