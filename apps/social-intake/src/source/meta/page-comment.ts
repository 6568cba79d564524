import { createHash } from 'node:crypto';
import { idIn, numberIn, objectIn, textIn } from '../../normalize/json.js';
import { message, noted, type Reading, unknown, unreadable } from '../../normalize/reading.js';
import { type MetaPart, milliseconds } from './split.js';

const otherVerbs: ReadonlySet<string> = new Set(['hide', 'unhide', 'block', 'unblock', 'follow', 'mute', 'update']);

/** A comment under something that a page has posted. Source: developers.facebook.com/docs/graph-api/webhooks/reference/page, "feed". */
export function readPageComment({ value, entryId: page, time }: MetaPart): Reading {
  if (value === undefined) return unreadable('value');
  const item = textIn(value, 'item') ?? 'none';
  if (item !== 'comment') return noted(`feed_${item}`.slice(0, 60));
  const verb = textIn(value, 'verb') ?? 'none';
  if (otherVerbs.has(verb)) return noted(`comment_${verb}`);
  const from = objectIn(value, 'from');
  const customer = idIn(from, 'id') ?? idIn(value, 'sender_id');
  const parent = idIn(value, 'parent_id');
  const post = idIn(value, 'post_id');
  const isAnswer = parent !== undefined && parent !== post;
  const isOurs = customer !== undefined && customer === page;
  // What a page posts below its own post, or changes, answers nobody.
  if (isOurs && (verb !== 'add' || !isAnswer)) return noted('own_comment');
  const messageId = idIn(value, 'comment_id');
  if (messageId === undefined) return unreadable('value.comment_id');
  const created = milliseconds(numberIn(value, 'created_time'));
  const changed = milliseconds(time) ?? created;
  if (changed === undefined) return unreadable('entry.time');
  const name = textIn(from, 'name');
  const text = textIn(value, 'message') ?? '';
  const photo = textIn(value, 'photo') ?? textIn(value, 'video');
  const head = {
    channel: 'facebook_comment',
    ...(page === undefined ? {} : { address: page }),
    messageId,
    ...(post === undefined ? {} : { conversationId: post }),
    // Whom an answer of ours is for, its parent tells.
    ...(customer === undefined || isOurs ? {} : { customer }),
    ...(name === undefined ? {} : { displayName: name }),
  } as const;
  switch (verb) {
    case 'add':
      if (customer === undefined) return unreadable('value.from.id');
      return message({
        ...head,
        kind: isOurs ? 'echo' : 'comment',
        // The parent of a first comment is the post itself.
        ...(isAnswer ? { inReplyTo: parent } : {}),
        at: created ?? changed,
        text,
        ...(photo === undefined ? {} : { files: [{ ref: photo, name: 'photo' }] }),
      });
    case 'edit':
    case 'edited':
      return message({
        ...head,
        kind: 'edit',
        // `created_time` may be that of the comment: the words tell one edit from the next.
        revision: `${created ?? changed}:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`,
        refersTo: messageId,
        at: changed,
        text,
      });
    case 'remove':
      return message({ ...head, kind: 'deletion', revision: 'deleted', refersTo: messageId, at: changed, text: '' });
    default:
      return unknown(`comment ${verb}`);
  }
}
