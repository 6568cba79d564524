import { documentedLine } from '#testing';
import type { JsonObject } from '../../normalize/json.js';
import { readEvent, splitEvents } from './event.js';

const source = { type: 'user', userId: 'U1' };
const event = (of: Record<string, unknown>): JsonObject => ({
  destination: 'U0',
  events: [{ type: 'message', timestamp: 1_700_000_000_000, source, ...of }],
});
const said = (message: Record<string, unknown>) => event({ message: { id: '1', ...message } });
const base = {
  channel: 'line',
  kind: 'message',
  messageId: '1',
  conversationId: 'U1',
  customer: 'U1',
  at: 1_700_000_000_000,
};

describe('an event of LINE', () => {
  it('is understood as documented: text, a picture of a group, a message taken back', () => {
    expect(readEvent(documentedLine.text.payload)).toEqual({
      kind: 'message',
      message: {
        channel: 'line',
        kind: 'message',
        messageId: 'contentid',
        conversationId: 'userid',
        customer: 'userid',
        at: 12345678901234,
        text: 'message (love)',
      },
    });
    expect(readEvent(documentedLine.image.payload)).toMatchObject({
      message: {
        customer: 'groupid',
        text: '',
        files: [{ ref: 'contentid', name: 'image', mediaType: 'image/jpeg' }],
      },
    });
    expect(readEvent(documentedLine.unsend.payload)).toMatchObject({
      message: {
        kind: 'deletion',
        messageId: '325708',
        refersTo: '325708',
        revision: 'deleted',
        customer: 'U4af4980629',
      },
    });
  });

  it.each<[string, JsonObject, object]>([
    ['text', said({ type: 'text', text: 'Mạng chậm' }), { text: 'Mạng chậm' }],
    ['text that is no text', said({ type: 'text', text: 5 }), { text: '' }],
    ['a sticker', said({ type: 'sticker', keywords: ['thank you', 'bow'] }), { text: 'thank you, bow' }],
    ['a sticker without words', said({ type: 'sticker', keywords: 'x' }), { text: '' }],
    [
      'a place',
      said({ type: 'location', title: 'Trường', address: 'Huế', latitude: 16.46, longitude: 107.59 }),
      { text: 'Trường\nHuế\n16.46, 107.59' },
    ],
    ['a place without numbers', said({ type: 'location', title: 'Trường', latitude: 'x' }), { text: 'Trường' }],
    [
      'a file',
      said({ type: 'file', fileName: '../hoá đơn.pdf', fileSize: 2138 }),
      { text: '', files: [{ ref: '1', name: '../hoá đơn.pdf', bytes: 2138 }] },
    ],
    ['a video', said({ type: 'video' }), { text: '', files: [{ ref: '1', name: 'video', mediaType: 'video/mp4' }] }],
    ['a kind that comes later', said({ type: 'hologram' }), { text: '' }],
    ['a kind called constructor', said({ type: 'constructor' }), { text: '' }],
    ['no kind', said({}), { text: '' }],
  ])('with %s is a message', (_, payload, expected) => {
    expect(readEvent(payload)).toEqual({ kind: 'message', message: { ...base, ...expected } });
  });

  it.each<[string, JsonObject, string]>([
    ['no events', {}, 'events'],
    ['events that are no list', { events: {} }, 'events'],
    ['events that are text', { events: 'x' }, 'events'],
    ['an event that is null', { events: [null] }, 'events[0]'],
    ['an event that is a list', { events: [[]] }, 'events[0]'],
    ['no type', { events: [{}] }, 'events[0].type'],
    ['a type that is a number', { events: [{ type: 1 }] }, 'events[0].type'],
    ['no source', event({ source: undefined, message: { id: '1' } }), 'source.userId'],
    ['a source that is text', event({ source: 'U1', message: { id: '1' } }), 'source.userId'],
    ['an author that is an object', event({ source: { userId: {} }, message: { id: '1' } }), 'source.userId'],
    ['an author with spaces', event({ source: { userId: 'a b' }, message: { id: '1' } }), 'source.userId'],
    ['an endless author', event({ source: { userId: 'U'.repeat(401) }, message: { id: '1' } }), 'source.userId'],
    ['no message', event({}), 'message.id'],
    ['a message that is a list', event({ message: [] }), 'message.id'],
    ['an inexact id', event({ message: { id: 2 ** 53 } }), 'message.id'],
    ['no time', event({ timestamp: undefined, message: { id: '1' } }), 'timestamp'],
    ['a time that is text', event({ timestamp: 'yesterday', message: { id: '1' } }), 'timestamp'],
    ['a time without end', event({ timestamp: Number.POSITIVE_INFINITY, message: { id: '1' } }), 'timestamp'],
    ['nothing taken back', event({ type: 'unsend' }), 'unsend.messageId'],
    ['null taken back', event({ type: 'unsend', unsend: null }), 'unsend.messageId'],
  ])('with %s is unreadable', (_, payload, detail) => {
    expect(readEvent(payload)).toEqual({ kind: 'unreadable', detail });
  });

  it.each<[string, JsonObject, object]>([
    ['the trial of the address', { destination: 'U0', events: [] }, { kind: 'noted', type: 'verify' }],
    ['a new friend', event({ type: 'follow' }), { kind: 'noted', type: 'follow' }],
    ['a button', event({ type: 'postback' }), { kind: 'noted', type: 'postback' }],
    ['something new', event({ type: 'teleport' }), { kind: 'unknown', type: 'teleport' }],
    ['something called __proto__', event({ type: '__proto__' }), { kind: 'unknown', type: '__proto__' }],
  ])('of %s is no feedback', (_, payload, expected) => {
    expect(readEvent(payload)).toEqual(expected);
  });
});

it('a webhook of several events is one for each, also where one is broken', () => {
  const events = [null, { type: 'follow' }, 'x'];
  expect(splitEvents({ destination: 'U0', events })).toEqual(
    events.map((one) => ({ destination: 'U0', events: [one] })),
  );
  expect(splitEvents({ events: [] })).toEqual([{ events: [] }]);
  expect(splitEvents({ events: 5 })).toEqual([{ events: 5 }]);
});
