import {
  has,
  idIn,
  idsIn,
  isObject,
  type JsonObject,
  listIn,
  numberIn,
  objectIn,
  textIn,
} from '../../normalize/json.js';
import {
  type FileReference,
  handleOf,
  message,
  noted,
  type Reading,
  receipt,
  unknown,
  unreadable,
} from '../../normalize/reading.js';
import { readOwnMark } from './own-mark.js';
import { type MetaPart, milliseconds } from './split.js';

/** Updates of a conversation that are no word of it. Source: developers.facebook.com/docs/messenger-platform/reference/webhook-events. */
const withoutFeedback = [
  'reaction',
  'optin',
  'referral',
  'account_linking',
  'policy_enforcement',
  'pass_thread_control',
  'take_thread_control',
  'request_thread_control',
  'app_roles',
  'message_feedback',
  'messaging_feedback',
  'game_play',
] as const;

const maxMessages = 1_000;

/** A message to a page or to an Instagram account. */
export function readMessaging(update: JsonObject, part: MetaPart, channel: 'messenger' | 'instagram'): Reading {
  const content = objectIn(update, 'message');
  const edit = objectIn(update, 'message_edit');
  const postback = objectIn(update, 'postback');
  if (content === undefined && edit === undefined && postback === undefined) {
    const receipt = readReceipt(update, channel);
    if (receipt !== undefined) return receipt;
    const type = withoutFeedback.find((key) => has(update, key));
    if (type !== undefined) return noted(type);
    return has(update, 'message') ? unreadable('message') : unknown(`${channel} ${typeOf(update)}`);
  }
  const isEcho = content?.is_echo === true;
  const own = isEcho ? readOwnMark(textIn(content, 'metadata')) : undefined;
  if (own !== undefined) return readOwnEcho(own.replyId, idIn(content, 'mid'));
  const sender = idIn(objectIn(update, 'sender'), 'id');
  const recipient = idIn(objectIn(update, 'recipient'), 'id');
  const customer = isEcho ? recipient : sender;
  const address = isEcho ? sender : recipient;
  if (customer === undefined) return unreadable(isEcho ? 'recipient.id' : 'sender.id');
  if (address === undefined) return unreadable(isEcho ? 'sender.id' : 'recipient.id');
  const at = milliseconds(numberIn(update, 'timestamp') ?? part.time);
  if (at === undefined) return unreadable('timestamp');
  const head = { channel, address, customer, at };
  if (edit !== undefined) return readEdit(edit, head);
  if (postback !== undefined) {
    const messageId = idIn(postback, 'mid') ?? `postback:${customer}:${at}`;
    return message({ ...head, kind: 'message', messageId, text: textIn(postback, 'title') ?? '' });
  }
  const messageId = idIn(content, 'mid');
  if (messageId === undefined) return unreadable('message.mid');
  if (content?.is_deleted === true) {
    return message({ ...head, kind: 'deletion', messageId, revision: 'deleted', refersTo: messageId, text: '' });
  }
  const inReplyTo = idIn(objectIn(content, 'reply_to'), 'mid');
  const files = filesOf(content);
  return message({
    ...head,
    kind: isEcho ? 'echo' : 'message',
    messageId,
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    text: textOf(content),
    ...(files.length === 0 ? {} : { files }),
  });
}

/** Proof that an answer of ours went out, whatever our own call was told. */
function readOwnEcho(replyId: string | undefined, messageId: string | undefined): Reading {
  if (replyId === undefined) return noted('own_echo');
  return receipt({
    type: 'own_echo',
    replyId,
    to: 'sent',
    ...(messageId === undefined ? {} : { messageIds: [messageId] }),
  });
}

/**
 * That ours have arrived or were read: by their ids, or all until a time. Instagram names the one that was read.
 * Source: developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events/message-deliveries, …/message-reads.
 */
function readReceipt(update: JsonObject, channel: 'messenger' | 'instagram'): Reading | undefined {
  const delivery = objectIn(update, 'delivery');
  const read = objectIn(update, 'read');
  const told = delivery ?? read;
  const customer = idIn(objectIn(update, 'sender'), 'id');
  if (told === undefined) return undefined;
  if (customer === undefined) return unreadable('sender.id');
  const messageId = idIn(told, 'mid');
  const messageIds = messageId === undefined ? idsIn(told, 'mids').slice(0, maxMessages) : [messageId];
  const until = milliseconds(numberIn(told, 'watermark'));
  if (messageIds.length === 0 && until === undefined) return unreadable('watermark');
  return receipt({
    type: delivery === undefined ? 'read' : 'delivery',
    to: delivery === undefined ? 'read' : 'delivered',
    parties: [handleOf(channel, customer)],
    ...(messageIds.length > 0 ? { messageIds } : { until: until ?? 0 }),
  });
}

type Head = Pick<Parameters<typeof message>[0], 'channel' | 'address' | 'customer' | 'at'>;

function readEdit(edit: JsonObject, head: Head): Reading {
  const messageId = idIn(edit, 'mid');
  if (messageId === undefined) return unreadable('message_edit.mid');
  const revision = `edit:${numberIn(edit, 'num_edit') ?? head.at}`;
  return message({ ...head, kind: 'edit', messageId, revision, refersTo: messageId, text: textIn(edit, 'text') ?? '' });
}

function textOf(content: JsonObject | undefined): string {
  const written = textIn(content, 'text');
  const shared = listIn(content, 'attachments')
    .filter(isObject)
    .map((attachment) => {
      const payload = objectIn(attachment, 'payload');
      const place = objectIn(payload, 'coordinates');
      if (place !== undefined) return `${numberIn(place, 'lat')}, ${numberIn(place, 'long')}`;
      return isFile(attachment) ? undefined : (textIn(payload, 'url') ?? textIn(attachment, 'title'));
    });
  return [written, ...shared].filter((line) => line !== undefined).join('\n');
}

const fileTypes: ReadonlySet<string> = new Set(['image', 'audio', 'video', 'file', 'ig_reel', 'reel', 'story_mention']);

function isFile(attachment: JsonObject): boolean {
  return fileTypes.has(textIn(attachment, 'type') ?? '');
}

function filesOf(content: JsonObject | undefined): FileReference[] {
  return listIn(content, 'attachments')
    .filter(isObject)
    .filter(isFile)
    .flatMap((attachment) => {
      const ref = textIn(objectIn(attachment, 'payload'), 'url');
      return ref === undefined ? [] : [{ ref, name: textIn(attachment, 'type') ?? 'file' }];
    });
}

function typeOf(update: JsonObject): string {
  const types = Object.keys(update).filter((key) => !['sender', 'recipient', 'timestamp'].includes(key));
  return types[0] ?? 'empty';
}
