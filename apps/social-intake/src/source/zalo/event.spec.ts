import { documentedZalo } from '#testing';
import type { JsonObject } from '../../normalize/json.js';
import { readEvent } from './event.js';

const { payload } = documentedZalo.text;
const event = (over: Record<string, unknown>): JsonObject => ({ ...payload, ...over });
const content = (over: Record<string, unknown>): JsonObject =>
  event({ message: { text: 'message', msg_id: '96d3cdf3af150460909', ...over } });
const attached = (...attachments: unknown[]): JsonObject => content({ text: undefined, attachments });

const base = {
  channel: 'zalo',
  kind: 'message',
  address: '388613280878808645',
  messageId: '96d3cdf3af150460909',
  customer: '246845883529197922',
  at: 154390853474,
  text: 'message',
};

const parties = ['388613280878808645', '246845883529197922'].map(
  (id) => ({ kind: 'handle', value: `zalo:${id}` }) as const,
);
const receipt = (type: string, to: 'delivered' | 'read', messageIds: readonly string[]) =>
  ({ kind: 'receipt', receipt: { type, to, messageIds, parties } }) as const;

describe('an event of Zalo', () => {
  it.each([
    [documentedZalo.text, base],
    [documentedZalo.image, { ...base, files: [{ ref: 'http://…', name: 'image' }] }],
    [documentedZalo.echo, { ...base, kind: 'echo', messageId: '96d3cdf3af150460910' }],
    [
      documentedZalo.call,
      {
        ...base,
        kind: 'call',
        messageId: 'call:7a1c9f',
        at: 1718000000000,
        text: '',
        fields: {
          call_direction: 'inbound',
          call_outcome: 'answered',
          call_seconds: 60,
          call_type: 'audio',
          call_waited_seconds: 5,
          call_status: 0,
        },
      },
    ],
  ])('as documented is understood: $what', ({ payload: documented }, message) => {
    expect(readEvent(documented)).toEqual({ kind: 'message', message });
  });

  it.each<[string, JsonObject, Record<string, unknown>]>([
    ['a quote', content({ quote_msg_id: 'q1' }), { ...base, inReplyTo: 'q1' }],
    ['text that is no text', content({ text: ['x'] }), { ...base, text: '' }],
    [
      'an anonymous person',
      event({ event_name: 'anonymous_send_text', message: { text: 'a', msg_id: 'm', conversation_id: 'c' } }),
      { ...base, messageId: 'm', conversationId: 'c', text: 'a' },
    ],
    [
      'a place',
      attached({ type: 'location', payload: { coordinates: { latitude: '21.02', longitude: '105.8' } } }),
      { ...base, text: '21.02, 105.8' },
    ],
    ['a place without numbers', attached({ type: 'location', payload: { coordinates: null } }), { ...base, text: '' }],
    [
      'a link',
      attached({ type: 'link', payload: { description: 'bài', url: 'https://a.vn' } }),
      { ...base, text: 'bài\nhttps://a.vn' },
    ],
    ['a link to nothing', attached({ type: 'link', payload: {} }), { ...base, text: '' }],
    [
      'attachments that are none',
      attached(null, 1, 'x', [], {}, { type: 'image' }, { type: 'image', payload: 7 }),
      { ...base, text: '' },
    ],
    ['attachments that are no list', content({ attachments: { length: 5 } }), base],
    [
      'a file with its name',
      attached({ type: 'file', payload: { url: 'https://f.zdn.vn/1', name: 'đơn.pdf', size: '12' } }),
      { ...base, text: '', files: [{ ref: 'https://f.zdn.vn/1', name: 'đơn.pdf', bytes: 12 }] },
    ],
    [
      'a type of attachment that is new',
      attached({ type: 'hologram', payload: { url: 'https://f.zdn.vn/1' } }),
      { ...base, text: '' },
    ],
    [
      'a missed call',
      {
        ...documentedZalo.call.payload,
        talk_time: 0,
        init_time: undefined,
        waiting_time: undefined,
        status_code: undefined,
        call_type: undefined,
      },
      {
        ...base,
        kind: 'call',
        messageId: 'call:7a1c9f',
        at: 1718000065000,
        text: '',
        fields: { call_direction: 'inbound', call_outcome: 'missed', call_seconds: 0, call_type: 'audio' },
      },
    ],
    [
      'a withdrawal',
      { event_name: 'user_withdraw', user_id: '5', timestamp: '1718000000000' },
      {
        channel: 'zalo',
        kind: 'erase_request',
        messageId: 'withdraw:5:1718000000000',
        customer: '5',
        at: 1718000000000,
        text: '',
      },
    ],
  ])('with %s is understood', (_, given, message) => {
    expect(readEvent(given)).toEqual({ kind: 'message', message });
  });

  it.each<[string, JsonObject, string]>([
    ['no name', event({ event_name: undefined }), 'event_name'],
    ['a name that is a number', event({ event_name: 5 }), 'event_name'],
    ['nothing', {}, 'event_name'],
    ['no sender', event({ sender: undefined }), 'sender.id'],
    ['a sender that is text', event({ sender: '246845883529197922' }), 'sender.id'],
    ['a sender without an id', event({ sender: { id: null } }), 'sender.id'],
    ['an inexact sender', event({ sender: { id: 246845883529197922 } }), 'sender.id'],
    ['a sender with a line break', event({ sender: { id: '1\n2' } }), 'sender.id'],
    ['no recipient', event({ recipient: [] }), 'recipient.id'],
    ['no message', event({ message: null }), 'message.msg_id'],
    ['no message id', content({ msg_id: '' }), 'message.msg_id'],
    ['an endless message id', content({ msg_id: 'x'.repeat(1_000) }), 'message.msg_id'],
    ['no time', event({ timestamp: undefined }), 'timestamp'],
    ['a time in words', event({ timestamp: 'now' }), 'timestamp'],
    ['an echo to nobody', { ...documentedZalo.echo.payload, recipient: {} }, 'recipient.id'],
    ['an echo from nobody', { ...documentedZalo.echo.payload, sender: { admin_id: '1' } }, 'sender.id'],
    ['a call of nobody', { ...documentedZalo.call.payload, user_id: undefined }, 'user_id'],
    ['a call without an id', { ...documentedZalo.call.payload, call_id: undefined }, 'call_id'],
    ['a call without a time', { ...documentedZalo.call.payload, timestamp: undefined }, 'timestamp'],
    ['a withdrawal of nobody', { event_name: 'user_withdraw', timestamp: '1' }, 'user_id'],
    ['a withdrawal without a time', { event_name: 'user_withdraw', user_id: '5' }, 'timestamp'],
  ])('with %s is unreadable', (_, given, detail) => {
    expect(readEvent(given)).toEqual({ kind: 'unreadable', detail });
  });

  it.each<[string, JsonObject, ReturnType<typeof readEvent>]>([
    ['a follower', { event_name: 'follow' }, { kind: 'noted', type: 'follow' }],
    [
      'that ours has come',
      documentedZalo.received.payload,
      receipt('user_received_message', 'delivered', ['96d3cdf3af150460910']),
    ],
    [
      'that ours were seen',
      documentedZalo.seen.payload,
      receipt('user_seen_message', 'read', ['96d3cdf3af150460910', '96d3cdf3af150460911']),
    ],
    [
      'that ours were seen, as it once came',
      documentedZalo.seenInFact.payload,
      receipt('user_seen_message', 'read', ['e72c0a55e95fcb00924f']),
    ],
    [
      'that one of ours was seen, by the name of a single id',
      { ...documentedZalo.seen.payload, message: { msg_id: '96d3cdf3af150460910' } },
      receipt('user_seen_message', 'read', ['96d3cdf3af150460910']),
    ],
    [
      'that a template of somebody has come at a telephone number',
      documentedZalo.receivedByNumber.payload,
      {
        kind: 'receipt',
        receipt: {
          ...{ type: 'user_received_message', to: 'delivered', messageIds: ['15a0cc0bbb13bd4ce403'] },
          parties: ['zalo:2893352839501541173', 'zalo:84123456789'].map((value) => ({ kind: 'handle', value })),
        },
      },
    ],
    [
      'a receipt of nothing',
      event({ event_name: 'user_seen_message', message: {} }),
      { kind: 'noted', type: 'user_seen_message' },
    ],
    ['a group', event({ event_name: 'user_send_group_text' }), { kind: 'unknown', type: 'user_send_group_text' }],
    ['something new', event({ event_name: 'user_send_hologram' }), { kind: 'unknown', type: 'user_send_hologram' }],
    ['a member of every object', event({ event_name: 'constructor' }), { kind: 'unknown', type: 'constructor' }],
    ['an endless name', event({ event_name: 'x'.repeat(500) }), { kind: 'unknown', type: 'x'.repeat(100) }],
  ])('is told apart: %s', (_, given, reading) => {
    expect(readEvent(given)).toEqual(reading);
  });

  it('of what software sent is an echo that says so', () => {
    const person = readEvent(documentedZalo.echo.payload);
    const software = readEvent({ ...documentedZalo.echo.payload, sender: { id: '388613280878808645' } });
    expect(person).toMatchObject({ kind: 'message', message: { kind: 'echo' } });
    const message = person.kind === 'message' ? person.message : undefined;
    expect(software).toEqual({ kind: 'message', message: { ...message, isBySoftware: true } });
  });
});
