import { documentedMeta } from '#testing';
import type { Reading } from '../../normalize/reading.js';
import { readInstagramComment } from './instagram-comment.js';
import { readPageComment } from './page-comment.js';
import { type MetaPart, partOf } from './split.js';

const part = (payload: Record<string, unknown>): MetaPart => {
  const found = partOf(payload);
  if (found === undefined) throw new Error('no part');
  return found;
};
const page = '1067280970047460';
const person = '5023448271091';
const comment = part(documentedMeta.comment.payload);
const changed = (over: Record<string, unknown>, entry: Partial<MetaPart> = {}): MetaPart => ({
  ...comment,
  ...entry,
  value: { ...comment.value, ...over },
});

const base = {
  channel: 'facebook_comment',
  kind: 'comment',
  address: page,
  messageId: '44444444_555555',
  conversationId: '44444444_444444444',
  customer: person,
  displayName: 'Test User',
  at: 1678886390_000,
  text: 'Example comment.',
};

describe('a comment under a post of a page', () => {
  it.each<[string, MetaPart, Record<string, unknown>]>([
    ['as documented', comment, base],
    ['with an answer to another comment', changed({ parent_id: '44444444_9' }), { ...base, inReplyTo: '44444444_9' }],
    [
      'with a picture',
      changed({ photo: 'https://scontent.fbcdn.net/a' }),
      { ...base, files: [{ ref: 'https://scontent.fbcdn.net/a', name: 'photo' }] },
    ],
    [
      'with a film',
      changed({ video: 'https://video.fbcdn.net/a' }),
      { ...base, files: [{ ref: 'https://video.fbcdn.net/a', name: 'photo' }] },
    ],
    ['without words', changed({ message: undefined }), { ...base, text: '' }],
    ['with words that are none', changed({ message: ['x'] }), { ...base, text: '' }],
    ['without a post', changed({ post_id: undefined, parent_id: undefined }), { ...base, conversationId: undefined }],
    ['without its time', changed({ created_time: undefined }), { ...base, at: 1678886400_000 }],
    ['with its time in words', changed({ created_time: '2026-09-05T20:00:00+0000' }), { ...base, at: 1678886400_000 }],
    ['of a person without a name', changed({ from: { id: person } }), { ...base, displayName: undefined }],
    ['in the older form', changed({ from: undefined, sender_id: person }), { ...base, displayName: undefined }],
    [
      'that was removed',
      changed({ verb: 'remove', message: undefined }),
      { ...base, kind: 'deletion', revision: 'deleted', refersTo: base.messageId, at: 1678886400_000, text: '' },
    ],
    [
      'that somebody removed',
      changed({ verb: 'remove', from: undefined }),
      {
        ...base,
        customer: undefined,
        displayName: undefined,
        kind: 'deletion',
        revision: 'deleted',
        refersTo: base.messageId,
        at: 1678886400_000,
        text: '',
      },
    ],
    [
      'of a colleague, as the page, below a comment',
      changed({ from: { id: page, name: 'Trang' }, parent_id: '44444444_7' }),
      { ...base, customer: undefined, displayName: 'Trang', kind: 'echo', inReplyTo: '44444444_7' },
    ],
  ])('%s is understood', (_, given, message) => {
    const known = Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined));
    expect(readPageComment(given)).toEqual({ kind: 'message', message: known });
  });

  it('that is edited twice is three events, each edit known again by its words', () => {
    const edits = ['một', 'hai', 'hai'].map((text) => readPageComment(changed({ verb: 'edited', message: text })));
    const revisions = edits.map((reading) => (reading.kind === 'message' ? reading.message.revision : ''));
    expect(new Set([undefined, ...revisions]).size).toBe(3);
    expect(edits[0]).toMatchObject({
      message: { kind: 'edit', refersTo: base.messageId, at: 1678886400_000, text: 'một' },
    });
  });

  it.each<[string, MetaPart, Reading]>([
    ['without a value', { ...comment, value: undefined }, { kind: 'unreadable', detail: 'value' }],
    ['without an id', changed({ comment_id: undefined }), { kind: 'unreadable', detail: 'value.comment_id' }],
    ['with an id of spaces', changed({ comment_id: '  ' }), { kind: 'unreadable', detail: 'value.comment_id' }],
    ['with an inexact id', changed({ comment_id: 2 ** 60 }), { kind: 'unreadable', detail: 'value.comment_id' }],
    ['of nobody', changed({ from: undefined }), { kind: 'unreadable', detail: 'value.from.id' }],
    ['of a text', changed({ from: 'Test User' }), { kind: 'unreadable', detail: 'value.from.id' }],
    [
      'without any time',
      changed({ created_time: undefined }, { time: undefined }),
      { kind: 'unreadable', detail: 'entry.time' },
    ],
    ['of the page itself', changed({ from: { id: page } }), { kind: 'noted', type: 'own_comment' }],
    ['that is hidden', changed({ verb: 'hide' }), { kind: 'noted', type: 'comment_hide' }],
    ['that is shown again', changed({ verb: 'unhide' }), { kind: 'noted', type: 'comment_unhide' }],
    ['with a new verb', changed({ verb: 'sing' }), { kind: 'unknown', type: 'comment sing' }],
    ['without a verb', changed({ verb: undefined }), { kind: 'unknown', type: 'comment none' }],
    ['with a verb that is an object', changed({ verb: {} }), { kind: 'unknown', type: 'comment none' }],
    ['that is a post', changed({ item: 'post' }), { kind: 'noted', type: 'feed_post' }],
    ['that is a reaction', changed({ item: 'reaction' }), { kind: 'noted', type: 'feed_reaction' }],
    ['that is nothing', changed({ item: undefined }), { kind: 'noted', type: 'feed_none' }],
    ['that is endless', changed({ item: 'x'.repeat(500) }), { kind: 'noted', type: `feed_${'x'.repeat(55)}` }],
  ])('%s is told apart', (_, given, reading) => {
    expect(readPageComment(given)).toEqual(reading);
  });
});

describe('a comment on Instagram', () => {
  const given = part(documentedMeta.instagramComment.payload);
  const with_ = (over: Record<string, unknown>): MetaPart => ({ ...given, value: { ...given.value, ...over } });
  const known = {
    channel: 'instagram',
    kind: 'comment',
    address: '17841400000000000',
    messageId: '17865799348089039',
    conversationId: '123123123',
    inReplyTo: '1231231234',
    customer: '232323232',
    displayName: 'test',
    at: 1569262486_000,
    text: 'This is an example.',
  };
  const { customer: _, ...colleague } = known;

  it.each<[string, MetaPart, Reading]>([
    ['as documented', given, { kind: 'message', message: known } as Reading],
    [
      'in the form with comment_id',
      with_({ id: undefined, comment_id: '9' }),
      { kind: 'message', message: { ...known, messageId: '9' } } as Reading,
    ],
    [
      'of a colleague, as the account, below a comment',
      with_({ from: { id: '17841400000000000', username: 'us' } }),
      { kind: 'message', message: { ...colleague, kind: 'echo', displayName: 'us' } } as Reading,
    ],
    [
      'of the account itself',
      with_({ from: { id: '17841400000000000' }, parent_id: undefined }),
      { kind: 'noted', type: 'own_comment' },
    ],
    ['of nobody', with_({ from: {} }), { kind: 'unreadable', detail: 'value.from.id' }],
    ['without an id', with_({ id: null }), { kind: 'unreadable', detail: 'value.id' }],
    ['without a time', { ...given, time: undefined }, { kind: 'unreadable', detail: 'entry.time' }],
    ['without a value', { ...given, value: undefined }, { kind: 'unreadable', detail: 'value' }],
  ])('%s', (_, comment_, reading) => {
    expect(readInstagramComment(comment_)).toEqual(reading);
  });
});
