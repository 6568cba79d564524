import { documentedMeta } from '#testing';
import type { Reading } from '../../normalize/reading.js';
import { meta } from './meta.js';

const { normalize } = meta({
  id: 'page',
  channel: 'messenger',
  provider: 'meta',
  credentials: { appSecret: 'secret', verifyToken: 'the-verify-token', accessToken: 'token' },
  options: {},
});
const page = '1067280970047460';
const person = '5023448271091';
const at = 1458692752478;
const update = { sender: { id: person }, recipient: { id: page }, timestamp: at };

const webhook = (object: string, over: Record<string, unknown>) => ({
  object,
  entry: [{ id: page, time: at, messaging: [{ ...update, ...over }] }],
});
const messages = { page: 'messenger', instagram: 'instagram' } as const;
const content = (over: Record<string, unknown>) => ({ message: { mid: 'm1', text: 'x', ...over } });
const replyId = '0198c1de-3c5e-7cc0-b3d0-0c5ad3c7c8b4';
const ownEcho = { type: 'own_echo', replyId, to: 'sent' } as const;
const own = (metadata: string, mid: string | null = 'm1') => content({ is_echo: true, metadata, mid });
const attached = (...attachments: unknown[]) => content({ text: undefined, attachments });

describe.each(['page', 'instagram'] as const)('a message of %s', (object) => {
  const base = {
    channel: messages[object],
    address: page,
    customer: person,
    at,
    kind: 'message',
    messageId: 'm1',
    text: 'x',
  };

  const parties = [{ kind: 'handle', value: `${messages[object]}:${person}` }] as const;
  const receipt = (
    to: 'delivered' | 'read',
    of: Record<string, unknown> = { messageIds: ['mid.1458668856218:ed81099e15d3f4f233'] },
  ): Reading => ({
    kind: 'receipt',
    receipt: { type: to === 'read' ? 'read' : 'delivery', to, parties, ...of },
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['text', content({}), base],
    ['nothing said', content({ text: undefined }), { ...base, text: '' }],
    ['text that is no text', content({ text: { a: 1 } }), { ...base, text: '' }],
    ['an answer', content({ reply_to: { mid: 'm0' } }), { ...base, inReplyTo: 'm0' }],
    ['an answer to nothing', content({ reply_to: 7 }), base],
    ['a time in seconds', { ...content({}), timestamp: 1458692752 }, { ...base, at: 1458692752000 }],
    ['the time of its entry alone', { ...content({}), timestamp: undefined }, base],
    [
      'a picture',
      attached({ type: 'image', payload: { url: 'https://scontent.fbcdn.net/a' } }),
      { ...base, text: '', files: [{ ref: 'https://scontent.fbcdn.net/a', name: 'image' }] },
    ],
    ['a picture of nothing', attached({ type: 'image', payload: {} }, { type: 'image' }), { ...base, text: '' }],
    ['attachments that are none', attached(null, 1, 'x', []), { ...base, text: '' }],
    ['attachments that are no list', content({ attachments: 'x' }), base],
    ['a shared link', attached({ type: 'share', payload: { url: 'https://a.vn' } }), { ...base, text: 'https://a.vn' }],
    [
      'a place',
      attached({ type: 'location', payload: { coordinates: { lat: 1.5, long: 2 } } }),
      { ...base, text: '1.5, 2' },
    ],
    [
      'a button',
      { postback: { mid: 'p1', title: 'Gặp nhân viên', payload: 'X' } },
      { ...base, messageId: 'p1', text: 'Gặp nhân viên' },
    ],
    [
      'a button without an id',
      { postback: { title: 'Y' } },
      { ...base, messageId: `postback:${person}:${at}`, text: 'Y' },
    ],
    [
      'an edit',
      { message_edit: { mid: 'm1', text: 'y', num_edit: 2 } },
      { ...base, kind: 'edit', revision: 'edit:2', refersTo: 'm1', text: 'y' },
    ],
    [
      'an edit without a count',
      { message_edit: { mid: 'm1', text: 'y' } },
      { ...base, kind: 'edit', revision: `edit:${at}`, refersTo: 'm1', text: 'y' },
    ],
    [
      'a deletion',
      content({ is_deleted: true, text: undefined }),
      { ...base, kind: 'deletion', revision: 'deleted', refersTo: 'm1', text: '' },
    ],
    [
      'an echo',
      { ...content({ is_echo: true }), sender: { id: page }, recipient: { id: person } },
      { ...base, kind: 'echo' },
    ],
    [
      'an echo with metadata of another app',
      { ...content({ is_echo: true, metadata: 'other' }), sender: { id: page }, recipient: { id: person } },
      { ...base, kind: 'echo' },
    ],
  ])('with %s is understood', (_, over, message) => {
    expect(normalize(webhook(object, over))).toEqual({ kind: 'message', message });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no sender', { ...content({}), sender: undefined }, 'sender.id'],
    ['a sender that is text', { ...content({}), sender: person }, 'sender.id'],
    ['an inexact sender', { ...content({}), sender: { id: 2 ** 60 } }, 'sender.id'],
    ['no recipient', { ...content({}), recipient: {} }, 'recipient.id'],
    ['an echo to nobody', { ...content({ is_echo: true }), recipient: null }, 'recipient.id'],
    ['a message that is text', { message: 'TEST_MESSAGE' }, 'message'],
    ['no id', content({ mid: undefined }), 'message.mid'],
    ['an endless id', content({ mid: 'x'.repeat(500) }), 'message.mid'],
    ['an edit of nothing', { message_edit: { text: 'y' } }, 'message_edit.mid'],
  ])('with %s is unreadable', (_, over, detail) => {
    expect(normalize(webhook(object, over))).toEqual({ kind: 'unreadable', detail });
  });

  it.each<[string, Record<string, unknown>, Reading]>([
    ['our own echo', own(`phanhoi:${replyId}`), { kind: 'receipt', receipt: { ...ownEcho, messageIds: ['m1'] } }],
    [
      'that ours have come',
      { delivery: documentedMeta.delivery.payload.entry[0].messaging[0].delivery },
      receipt('delivered'),
    ],
    ['that they came, until a time', { delivery: { watermark: at } }, receipt('delivered', { until: at })],
    ['that all was read until a time', { read: { watermark: at } }, receipt('read', { until: at })],
    ['that one was read', { read: { mid: 'm7' } }, receipt('read', { messageIds: ['m7'] })],
    [
      'of ids only those that are',
      { delivery: { mids: ['m\u0000', 1e20, null, 'm8'] } },
      receipt('delivered', { messageIds: ['m8'] }),
    ],
    ['a receipt of nothing', { read: {} }, { kind: 'unreadable', detail: 'watermark' }],
    ['our own echo without an id', own(`phanhoi:${replyId}`, null), { kind: 'receipt', receipt: ownEcho }],
    ['an echo of ours that names no reply', own('phanhoi:1'), { kind: 'noted', type: 'own_echo' }],
    ['a reaction', { reaction: { emoji: 'x' } }, { kind: 'noted', type: 'reaction' }],
    ['something new', { hologram: {} }, { kind: 'unknown', type: `${messages[object]} hologram` }],
    ['nothing', {}, { kind: 'unknown', type: `${messages[object]} empty` }],
  ])('is told apart: %s', (_, over, reading) => {
    expect(normalize(webhook(object, over))).toEqual(reading);
  });

  it('without a time at all is unreadable', () => {
    const payload = { object, entry: [{ id: page, messaging: [{ ...update, ...content({}), timestamp: undefined }] }] };
    expect(normalize(payload)).toEqual({ kind: 'unreadable', detail: 'timestamp' });
  });

  it('is not ours while another app holds the conversation', () => {
    const payload = { object, entry: [{ id: page, time: at, standby: [{ ...update, ...content({}) }] }] };
    expect(normalize(payload)).toEqual({ kind: 'noted', type: 'standby' });
  });
});

it('as documented is understood', () => {
  expect(normalize(documentedMeta.message.payload)).toEqual({
    kind: 'message',
    message: {
      channel: 'messenger',
      kind: 'message',
      address: page,
      customer: person,
      messageId: 'mid.1457764197618:41d102a3e1ae206a38',
      at,
      text: 'hello, world!',
    },
  });
});

it.each([
  ['no object', { entry: [{ id: '1', messaging: [{}] }] }, { kind: 'unknown', type: 'object none' }],
  [
    'another object',
    { object: 'group', entry: [{ id: '1', messaging: [{}] }] },
    { kind: 'unknown', type: 'object group' },
  ],
  ['no entry id', { object: 'page', entry: [{ messaging: [{}] }] }, { kind: 'unreadable', detail: 'entry.id' }],
  [
    'another field',
    { object: 'page', entry: [{ id: '1', changes: [{ field: 'mention', value: {} }] }] },
    { kind: 'unknown', type: 'page mention' },
  ],
  [
    'a change that is none',
    { object: 'page', entry: [{ id: '1', changes: ['x'] }] },
    { kind: 'unreadable', detail: 'entry' },
  ],
])('a webhook with %s is told apart', (_, payload, reading) => {
  expect(normalize(payload)).toEqual(reading);
});
