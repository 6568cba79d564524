import type { Attachment, Channel } from '#contracts';
import { filesMisfit } from './answer-files.js';

const now = new Date('2026-11-23T08:00:00Z');
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const mebibyte = 1024 * 1024;

function file(detectedType: string, bytes = 1000): Attachment {
  return {
    sha256: 'a'.repeat(64),
    name: 'x',
    mediaType: 'application/octet-stream',
    detectedType,
    bytes,
    inline: false,
  };
}

interface Place {
  readonly conversation?: string;
  readonly silentHours?: number;
}

function judged(channel: Channel, files: readonly Attachment[], { conversation, silentHours = 1 }: Place = {}) {
  const thread = {
    references: [],
    ...(conversation === undefined ? {} : { providerConversationId: conversation }),
  };
  return filesMisfit(files, { channel, thread, customerWroteAt: hoursAgo(silentHours) }, now);
}

const picture = file('image/png');
const pdf = file('application/pdf');

it.each<[string, Channel, readonly Attachment[], Place]>([
  ['no files on SMS', 'sms', [], {}],
  ['anything by mail', 'email', [file('application/x-cfb'), picture], {}],
  ['18 MiB by mail', 'email', [file('application/pdf', 18 * mebibyte)], {}],
  ['ten files on Telegram', 'telegram', Array.from({ length: 10 }, () => pdf), {}],
  ['a document on Messenger', 'messenger', [pdf], {}],
  ['a message on Instagram', 'instagram', [pdf], {}],
  ['WhatsApp within a day', 'whatsapp', [pdf, picture], { silentHours: 23 }],
  ['a picture on Zalo', 'zalo', [picture], {}],
  ['the answer to a message in a conversation', 'messenger', [pdf], { conversation: 't_1' }],
])('%s is carried', (_, channel, files, place) => {
  expect(judged(channel, files, place)).toBeUndefined();
});

it.each<[string, Channel, readonly Attachment[], Place, string, number | undefined, RegExp]>([
  ['SMS', 'sms', [picture], {}, 'files_not_taken', undefined, /public addresses/],
  ['LINE', 'line', [picture], {}, 'files_not_taken', undefined, /LINE/],
  ['a page comment', 'facebook_comment', [picture], {}, 'files_not_taken', undefined, /comments without files/],
  ['an Instagram comment', 'instagram', [picture], { conversation: 'c' }, 'files_not_taken', undefined, /comments/],
  ['WhatsApp after a day', 'whatsapp', [pdf], { silentHours: 25 }, 'files_not_taken', undefined, /24 hours/],
  ['a large picture on Zalo', 'zalo', [pdf, file('image/png', 2 * mebibyte)], {}, 'file_too_large', 1, /Zalo is 1 MiB/],
  ['a table on Zalo', 'zalo', [file('application/x-cfb')], {}, 'file_type_not_taken', 0, /x-cfb/],
  ['a text on Instagram', 'instagram', [file('text/plain')], {}, 'file_type_not_taken', 0, /text\/plain/],
  ['eleven files', 'telegram', Array.from({ length: 11 }, () => pdf), {}, 'too_many_files', undefined, /takes 10/],
  ['one large mail', 'email', [file('image/png', 18 * mebibyte + 1)], {}, 'file_too_large', 0, /18 MiB/],
  [
    'mail that is large together',
    'email',
    [file('image/png', 10 * mebibyte), file('image/png', 10 * mebibyte)],
    {},
    'files_too_large',
    undefined,
    /18 MiB together/,
  ],
])('%s is refused with the reason', (_, channel, files, place, code, index, detail) => {
  expect(judged(channel, files, place)).toEqual({
    code,
    detail: expect.stringMatching(detail) as string,
    ...(index === undefined ? {} : { index }),
  });
});
