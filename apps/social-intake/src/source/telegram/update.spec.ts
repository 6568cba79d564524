import { documentedTelegram } from '#testing';
import type { JsonObject } from '../../normalize/json.js';
import { readUpdate, updateIdOf } from './update.js';

const from = { id: 1111111, first_name: 'An', last_name: 'Nguyễn' };
const chat = { id: 1111111, type: 'private' };
const head = { message_id: 1365, date: 1441645532, chat, from };
const update = (message: Record<string, unknown>): JsonObject => ({ update_id: 1, message: { ...head, ...message } });
const edited = (message: Record<string, unknown>): JsonObject => ({
  update_id: 1,
  edited_message: { ...head, ...message },
});

const base = {
  channel: 'telegram',
  kind: 'message',
  messageId: '1111111:1365',
  conversationId: '1111111',
  customer: '1111111',
  displayName: 'Test Firstname Test Lastname',
  at: 1441645532_000,
};

describe('an update of Telegram', () => {
  it.each([
    [documentedTelegram.text, { ...base, text: '/start' }],
    [documentedTelegram.reply, { ...base, inReplyTo: '1111112:1334', text: '/start' }],
    [
      documentedTelegram.edited,
      {
        ...base,
        kind: 'edit',
        revision: '1441646600',
        refersTo: '1111111:1365',
        at: 1441646600_000,
        text: 'Edited text',
      },
    ],
    [
      documentedTelegram.document,
      {
        ...base,
        text: '',
        files: [
          {
            ref: 'AwADBAADbXXXXXXXXXXXGBdhD2l6_XX',
            name: 'Testfile.pdf',
            mediaType: 'application/pdf',
            bytes: 536392,
          },
        ],
      },
    ],
  ])('as documented is understood: $what', ({ payload }, message) => {
    expect(readUpdate(payload)).toEqual({ kind: 'message', message });
  });

  it.each<[string, JsonObject, string]>([
    ['a caption', update({ caption: 'ảnh đồng hồ' }), 'ảnh đồng hồ'],
    ['text that is no text', update({ text: 42 }), ''],
    ['text that is an object', update({ text: { toString: 'x' } }), ''],
    ['a place', update({ location: { latitude: 21.02, longitude: 105.85 } }), '21.02, 105.85'],
    [
      'a place with a name',
      update({ venue: { title: 'Trường' }, location: { latitude: 1, longitude: 2 } }),
      'Trường\n1, 2',
    ],
    ['a place without numbers', update({ location: { latitude: 'x', longitude: {} } }), ''],
    ['a contact', update({ contact: { first_name: 'Bình', phone_number: '0900' } }), 'Bình 0900'],
    ['a sticker', update({ sticker: { emoji: '👍' } }), '👍'],
    ['a die', update({ dice: { emoji: '🎲', value: 3 } }), '🎲'],
    ['nothing at all in it', update({}), ''],
    ['a photo that is no list', update({ photo: 'x' }), ''],
    ['a photo of nothing', update({ photo: [null, 1, 'x', []] }), ''],
    ['a document without an id', update({ document: { file_name: 'x' } }), ''],
    ['a reply to nothing', update({ reply_to_message: null }), ''],
    ['__proto__', JSON.parse(JSON.stringify(update({})).replace('"date"', '"__proto__":{"text":"x"},"date"')), ''],
  ])('with %s is a message all the same', (_, payload, text) => {
    expect(readUpdate(payload)).toEqual({
      kind: 'message',
      message: {
        ...base,
        displayName: 'An Nguyễn',
        text,
      },
    });
  });

  it.each<[string, JsonObject, string]>([
    ['no update_id', { message: head }, 'update_id'],
    ['an update_id that is no number', { update_id: 'x', message: head }, 'update_id'],
    ['a negative update_id', { update_id: -1, message: head }, 'update_id'],
    ['a broken update_id', { update_id: 1.5, message: head }, 'update_id'],
    ['a message that is null', { update_id: 1, message: null }, 'message'],
    ['a message that is a list', { update_id: 1, message: [] }, 'message'],
    ['no author', update({ from: undefined }), 'message.from.id'],
    ['an author without an id', update({ from: {} }), 'message.from.id'],
    ['an author whose id is an object', update({ from: { id: {} } }), 'message.from.id'],
    ['an author whose id is empty', update({ from: { id: '' } }), 'message.from.id'],
    ['an author whose id has spaces', update({ from: { id: 'a b' } }), 'message.from.id'],
    ['an author whose id is endless', update({ from: { id: '1'.repeat(401) } }), 'message.from.id'],
    ['an inexact id', update({ from: { id: 2 ** 53 } }), 'message.from.id'],
    ['no chat', update({ chat: 7 }), 'message.chat.id'],
    ['no number', update({ message_id: null }), 'message.message_id'],
    ['no date', update({ date: 'yesterday' }), 'message.date'],
    ['an endless date', update({ date: Number.POSITIVE_INFINITY }), 'message.date'],
    ['an edit without its time', edited({ text: 'x' }), 'edited_message.edit_date'],
    ['an edit that is text', { update_id: 1, edited_message: 'x' }, 'message'],
  ])('with %s is unreadable', (_, payload, detail) => {
    expect(readUpdate(payload)).toEqual({ kind: 'unreadable', detail });
  });

  it.each<[string, JsonObject, ReturnType<typeof readUpdate>]>([
    ['a button', documentedTelegram.callback.payload, { kind: 'noted', type: 'callback_query' }],
    ['a member who left', update({ left_chat_member: {} }), { kind: 'noted', type: 'left_chat_member' }],
    ['a pin', update({ pinned_message: {} }), { kind: 'noted', type: 'pinned_message' }],
    ['something new', { update_id: 1, hologram: {} }, { kind: 'unknown', type: 'hologram' }],
    ['nothing', { update_id: 1 }, { kind: 'unknown', type: 'empty' }],
    ['a long name', { update_id: 1, ['x'.repeat(300)]: 1 }, { kind: 'unknown', type: 'x'.repeat(100) }],
  ])('is told apart: %s', (_, payload, reading) => {
    expect(readUpdate(payload)).toEqual(reading);
  });

  it('brings the largest of a picture, and an animation once', () => {
    const photo = [
      { file_id: 'big', width: 900, file_size: 9 },
      { file_id: 'small', width: 90 },
    ];
    const reading = readUpdate(update({ photo, animation: { file_id: 'a' }, document: { file_id: 'd' } }));
    expect(reading).toMatchObject({
      message: {
        files: [
          { ref: 'big', name: 'photo', mediaType: 'image/jpeg', bytes: 9 },
          { ref: 'd', name: 'document' },
        ],
      },
    });
  });

  it('has a number that gaps are seen by', () => {
    expect([updateIdOf({ update_id: 7 }), updateIdOf({}), updateIdOf({ update_id: 'x' })]).toEqual([
      7,
      undefined,
      undefined,
    ]);
  });
});
