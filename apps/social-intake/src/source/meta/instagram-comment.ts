import { idIn, objectIn, textIn } from '../../normalize/json.js';
import { message, noted, type Reading, unreadable } from '../../normalize/reading.js';
import { type MetaPart, milliseconds } from './split.js';

/** A comment under a medium of an Instagram account. Source: developers.facebook.com/docs/instagram-platform/webhooks, "comments". */
export function readInstagramComment({ value, entryId: account, time }: MetaPart): Reading {
  if (value === undefined) return unreadable('value');
  const from = objectIn(value, 'from');
  const customer = idIn(from, 'id');
  const messageId = idIn(value, 'id') ?? idIn(value, 'comment_id');
  const at = milliseconds(time);
  if (customer === undefined) return unreadable('value.from.id');
  const parent = idIn(value, 'parent_id');
  const isOurs = customer === account;
  if (isOurs && parent === undefined) return noted('own_comment');
  if (messageId === undefined) return unreadable('value.id');
  if (at === undefined) return unreadable('entry.time');
  const name = textIn(from, 'username');
  const medium = idIn(objectIn(value, 'media'), 'id');
  return message({
    channel: 'instagram',
    kind: isOurs ? 'echo' : 'comment',
    ...(account === undefined ? {} : { address: account }),
    messageId,
    ...(medium === undefined ? {} : { conversationId: medium }),
    ...(parent === undefined ? {} : { inReplyTo: parent }),
    // Whom an answer of ours is for, its parent tells.
    ...(isOurs ? {} : { customer }),
    ...(name === undefined ? {} : { displayName: name }),
    at,
    text: textIn(value, 'text') ?? '',
  });
}
