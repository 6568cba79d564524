import type { DeliveryErrorCode } from '#contracts';
import { documentedMeta } from '#testing';
import type { Reading } from '../../normalize/reading.js';
import type { MetaPart } from './split.js';
import { readWhatsApp } from './whatsapp.js';

const value = {
  messaging_product: 'whatsapp',
  metadata: { display_phone_number: '15550783881', phone_number_id: '106540352242922' },
  contacts: [{ profile: { name: 'Sheena Nelson' }, wa_id: '16505551234' }],
};
const sent = { from: '16505551234', id: 'wamid.1', timestamp: '1749416383', type: 'text', text: { body: 'x' } };
const part = (over: Record<string, unknown>, field = 'messages'): MetaPart => ({
  object: 'whatsapp_business_account',
  entryId: '102290129340398',
  time: undefined,
  messaging: undefined,
  isStandby: false,
  field,
  value: { ...value, ...over },
});
const of = (over: Record<string, unknown>) => part({ messages: [{ ...sent, ...over }] });

const base = {
  channel: 'whatsapp',
  kind: 'message',
  address: '106540352242922',
  messageId: 'wamid.1',
  customer: '16505551234',
  displayName: 'Sheena Nelson',
  at: 1749416383_000,
  text: 'x',
};
const replyId = '0198c1de-3c5e-7cc0-b3d0-0c5ad3c7c8b4';
const failed = (code: number | undefined) =>
  part({ statuses: [{ id: 'wamid.1', status: 'failed', errors: [{ code }] }] });
const failure = (code: DeliveryErrorCode, detail: string): Reading => ({
  kind: 'receipt',
  receipt: { type: 'status_failed', messageIds: ['wamid.1'], to: 'failed', error: { code, detail, permanent: true } },
});
const file = (type: string, over: Record<string, unknown>) => of({ type, text: undefined, [type]: over });

describe('an update of WhatsApp', () => {
  it('as documented is understood', () => {
    const [message] = documentedMeta.whatsApp.payload.entry[0].changes[0].value.messages;
    expect(readWhatsApp(part({ messages: [message] }))).toEqual({
      kind: 'message',
      message: { ...base, messageId: message.id, text: 'Does it come in another color?' },
    });
  });

  it.each<[string, MetaPart, Record<string, unknown>]>([
    ['no words', of({ text: {} }), { ...base, text: '' }],
    ['words that are none', of({ text: 'x' }), { ...base, text: '' }],
    ['an answer', of({ context: { from: '1', id: 'wamid.0' } }), { ...base, inReplyTo: 'wamid.0' }],
    ['a time as a number', of({ timestamp: 1749416383 }), base],
    [
      'a picture',
      file('image', { id: '123', mime_type: 'image/jpeg', caption: 'ảnh' }),
      { ...base, text: 'ảnh', files: [{ ref: '123', name: 'image', mediaType: 'image/jpeg' }] },
    ],
    [
      'a voice',
      file('audio', { id: '123', mime_type: 'audio/ogg; codecs=opus', voice: true }),
      { ...base, text: '', files: [{ ref: '123', name: 'audio', mediaType: 'audio/ogg' }] },
    ],
    [
      'a document',
      file('document', { id: '123', filename: 'đơn.pdf' }),
      { ...base, text: '', files: [{ ref: '123', name: 'đơn.pdf' }] },
    ],
    ['a file whose id is an address', file('image', { id: 'https://evil.example/' }), { ...base, text: '' }],
    ['a file whose id is a path', file('image', { id: '../me' }), { ...base, text: '' }],
    ['a file of nothing', file('video', {}), { ...base, text: '' }],
    ['a file that is text', of({ type: 'sticker', sticker: 'x' }), { ...base, text: '' }],
    ['a button', of({ type: 'button', button: { text: 'Có', payload: 'Y' } }), { ...base, text: 'Có' }],
    [
      'a choice',
      of({ type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: '1', title: 'Một' } } }),
      { ...base, text: 'Một' },
    ],
    ['a choice of nothing', of({ type: 'interactive' }), { ...base, text: '' }],
    [
      'a place',
      of({ type: 'location', location: { name: 'Trường', latitude: 1, longitude: 2 } }),
      { ...base, text: 'Trường\n1, 2' },
    ],
    [
      'contacts',
      of({ type: 'contacts', contacts: [{ name: { formatted_name: 'Bình' }, phones: [{ phone: '+849' }] }, null, {}] }),
      { ...base, text: 'Bình +849\n' },
    ],
    ['what WhatsApp keeps to itself', of({ type: 'unsupported', errors: [{ code: 131051 }] }), { ...base, text: '' }],
    [
      'a person who is not among the contacts',
      of({ from: '84900000001' }),
      { ...base, customer: '84900000001', displayName: undefined },
    ],
    ['contacts that are none', part({ contacts: 'x', messages: [sent] }), { ...base, displayName: undefined }],
    [
      'a colleague on his telephone',
      part({ message_echoes: [{ ...sent, from: '1', to: '84900000001' }] }, 'smb_message_echoes'),
      { ...base, kind: 'echo', customer: '84900000001', displayName: undefined },
    ],
  ])('with %s is understood', (_, given, message) => {
    const known = Object.fromEntries(Object.entries(message).filter(([, one]) => one !== undefined));
    expect(readWhatsApp(given)).toEqual({ kind: 'message', message: known });
  });

  it.each<[string, MetaPart, Reading]>([
    ['without a value', { ...part({}), value: undefined }, { kind: 'unreadable', detail: 'value' }],
    ['with no messages', part({}), { kind: 'unreadable', detail: 'value.messages' }],
    ['with messages that are none', part({ messages: ['x'] }), { kind: 'unreadable', detail: 'value.messages' }],
    [
      'to no number',
      part({ metadata: {}, messages: [sent] }),
      { kind: 'unreadable', detail: 'metadata.phone_number_id' },
    ],
    [
      'to a number that is an object',
      part({ metadata: { phone_number_id: {} }, messages: [sent] }),
      { kind: 'unreadable', detail: 'metadata.phone_number_id' },
    ],
    ['of nobody', of({ from: undefined }), { kind: 'unreadable', detail: 'message.from' }],
    ['of a long number', of({ from: '9'.repeat(500) }), { kind: 'unreadable', detail: 'message.from' }],
    ['without an id', of({ id: null }), { kind: 'unreadable', detail: 'message.id' }],
    ['without a time', of({ timestamp: 'x' }), { kind: 'unreadable', detail: 'message.timestamp' }],
    [
      'echoed to nobody',
      part({ message_echoes: [sent] }, 'smb_message_echoes'),
      { kind: 'unreadable', detail: 'message.to' },
    ],
    [
      'that was delivered',
      part({ statuses: [{ id: 'wamid.1', status: 'delivered', biz_opaque_callback_data: replyId }] }),
      { kind: 'receipt', receipt: { type: 'status_delivered', messageIds: ['wamid.1'], replyId, to: 'delivered' } },
    ],
    [
      "that was read, and bears another one's data",
      part({ statuses: [{ id: 'wamid.1', status: 'read', biz_opaque_callback_data: "x' or 1=1" }] }),
      { kind: 'receipt', receipt: { type: 'status_read', messageIds: ['wamid.1'], to: 'read' } },
    ],
    ['that failed outside the window', failed(131_047), failure('window_closed', 'Meta 131047')],
    ['that failed with a new code', failed(999_999), failure('recipient_unreachable', 'Meta 999999')],
    ['that failed without a code', failed(undefined), failure('recipient_unreachable', 'Meta without a code')],
    ['with a status of nothing', part({ statuses: [{ status: 'sent' }] }), { kind: 'unreadable', detail: 'status.id' }],
    ['that was deleted', part({ statuses: [{ status: 'deleted' }] }), { kind: 'noted', type: 'status_deleted' }],
    ['with a new status', part({ statuses: [{ status: 'sung' }] }), { kind: 'unknown', type: 'whatsapp status sung' }],
    ['with a reaction', of({ type: 'reaction', reaction: { emoji: '👍' } }), { kind: 'noted', type: 'reaction' }],
    ['of the system', of({ type: 'system' }), { kind: 'noted', type: 'system' }],
    ['of a new type', of({ type: 'hologram', hologram: {} }), { kind: 'unknown', type: 'whatsapp message hologram' }],
    ['without a type', of({ type: undefined }), { kind: 'unknown', type: 'whatsapp message none' }],
    [
      'with a type of every object',
      of({ type: 'constructor' }),
      { kind: 'unknown', type: 'whatsapp message constructor' },
    ],
    ['with errors alone', part({ errors: [{ code: 1 }] }), { kind: 'noted', type: 'errors' }],
    ['about the account', part({}, 'account_update'), { kind: 'noted', type: 'whatsapp_account_update' }],
  ])('%s is told apart', (_, given, reading) => {
    expect(readWhatsApp(given)).toEqual(reading);
  });
});
