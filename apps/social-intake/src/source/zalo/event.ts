import { idIn, idsIn, isObject, type JsonObject, listIn, numberIn, objectIn, textIn } from '../../normalize/json.js';
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

/** Events that are no customer's word. Source: developers.zalo.me/docs/official-account/webhook. */
const withoutFeedback: ReadonlySet<string> = new Set([
  'follow',
  'unfollow',
  'user_reacted_message',
  'oa_reacted_message',
  'user_click_chatnow',
  'user_click_button',
  'user_click_link',
  'user_submit_info',
  'user_reply_consent',
  'oa_send_consent',
  'oa_send_template',
  'add_user_to_tag',
  'remove_user_from_tag',
  'remove_tag',
  'update_user_info',
  'extension_purchased',
  'widget_interaction_accepted',
  'widget_failed_to_sync_user_external_id',
  'create_group',
  'delete_group',
  'update_group_info',
  'add_group_admin',
  'remove_group_admin',
  'user_join_group',
  'user_out_group',
  'user_request_join_group',
  'accept_request_join_group',
  'reject_request_join_group',
  'change_template_status',
  'change_template_quality',
  'change_oa_daily_quota',
]);

const fromCustomer = /^(user|anonymous)_send_(text|image|link|audio|video|sticker|gif|location|business_card|file)$/;
const fromUs = /^oa_send_(anonymous_)?(text|image|gif|list|file|sticker|audio|video|link)$/;

const maxMessages = 1_000;

/** One event of an Official Account. */
export function readEvent(event: JsonObject): Reading {
  const name = textIn(event, 'event_name');
  if (name === undefined) return unreadable('event_name');
  if (withoutFeedback.has(name)) return noted(name);
  if (fromCustomer.test(name)) return readMessage(event, false);
  if (fromUs.test(name)) {
    const echo = readMessage(event, true);
    // Without a person in Zalo's own console it is what an app, or the account by itself, has sent.
    const isBySoftware = idIn(objectIn(event, 'sender'), 'admin_id') === undefined;
    return isBySoftware && echo.kind === 'message' ? message({ ...echo.message, isBySoftware }) : echo;
  }
  if (name === 'user_received_message') return readReceipt(event, 'delivered');
  if (name === 'user_seen_message') return readReceipt(event, 'read');
  if (name === 'user_withdraw') return readWithdrawal(event);
  if (name === 'user_call_oa' || name === 'oa_call_user') return readCall(event, name === 'user_call_oa');
  return unknown(name);
}

function readMessage(event: JsonObject, isEcho: boolean): Reading {
  const sender = objectIn(event, 'sender');
  const recipient = objectIn(event, 'recipient');
  const customer = idIn(isEcho ? recipient : sender, 'id');
  const address = idIn(isEcho ? sender : recipient, 'id');
  const content = objectIn(event, 'message');
  const messageId = idIn(content, 'msg_id');
  const at = numberIn(event, 'timestamp');
  if (customer === undefined) return unreadable(isEcho ? 'recipient.id' : 'sender.id');
  if (address === undefined) return unreadable(isEcho ? 'sender.id' : 'recipient.id');
  if (messageId === undefined) return unreadable('message.msg_id');
  if (at === undefined) return unreadable('timestamp');
  const attachments = listIn(content, 'attachments').filter(isObject);
  const files = attachments.flatMap((attachment) => fileOf(attachment) ?? []);
  const conversationId = idIn(content, 'conversation_id');
  const inReplyTo = idIn(content, 'quote_msg_id');
  return message({
    channel: 'zalo',
    kind: isEcho ? 'echo' : 'message',
    address,
    messageId,
    ...(conversationId === undefined ? {} : { conversationId }),
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    customer,
    at,
    text: textOf(content, attachments),
    ...(files.length === 0 ? {} : { files }),
  });
}

/** That messages of ours have arrived or were seen. Source: developers.zalo.me/docs/official-account/webhook/tin-nhan (members as public implementations read them). */
function readReceipt(event: JsonObject, to: 'delivered' | 'read'): Reading {
  const content = objectIn(event, 'message');
  const messageId = idIn(content, 'msg_id');
  const messageIds = messageId === undefined ? idsIn(content, 'msg_ids').slice(0, maxMessages) : [messageId];
  const type = textIn(event, 'event_name') ?? to;
  if (messageIds.length === 0) return noted(type);
  // Implementations differ in which of the two is the customer.
  const people = [idIn(objectIn(event, 'sender'), 'id'), idIn(objectIn(event, 'recipient'), 'id')];
  const parties = people.flatMap((id) => (id === undefined ? [] : [handleOf('zalo', id)]));
  return receipt({ type, to, messageIds, parties });
}

/** The person asks that what we hold about him be erased. */
function readWithdrawal(event: JsonObject): Reading {
  const customer = idIn(event, 'user_id');
  const at = numberIn(event, 'timestamp');
  const address = idIn(event, 'oa_id');
  if (customer === undefined) return unreadable('user_id');
  if (at === undefined) return unreadable('timestamp');
  return message({
    channel: 'zalo',
    kind: 'erase_request',
    ...(address === undefined ? {} : { address }),
    messageId: `withdraw:${customer}:${at}`,
    customer,
    at,
    text: '',
  });
}

/** A call that has ended. Times: waiting in seconds, talk in milliseconds. */
function readCall(event: JsonObject, isInbound: boolean): Reading {
  const customer = idIn(event, 'user_id') ?? idIn(event, 'phone');
  const callId = idIn(event, 'call_id');
  const ended = numberIn(event, 'timestamp');
  const address = idIn(event, 'oa_id');
  if (customer === undefined) return unreadable('user_id');
  if (callId === undefined) return unreadable('call_id');
  if (ended === undefined) return unreadable('timestamp');
  const talkMs = numberIn(event, 'talk_time') ?? 0;
  const waited = numberIn(event, 'waiting_time');
  const status = numberIn(event, 'status_code');
  return message({
    channel: 'zalo',
    kind: 'call',
    ...(address === undefined ? {} : { address }),
    messageId: `call:${callId}`,
    customer,
    at: numberIn(event, 'init_time') ?? ended,
    text: '',
    fields: {
      call_direction: isInbound ? 'inbound' : 'outbound',
      call_outcome: talkMs > 0 ? 'answered' : 'missed',
      call_seconds: Math.max(0, Math.round(talkMs / 1000)),
      call_type: (textIn(event, 'call_type') ?? 'AUDIO').toLowerCase(),
      ...(waited === undefined ? {} : { call_waited_seconds: waited }),
      ...(status === undefined ? {} : { call_status: status }),
    },
  });
}

function textOf(content: JsonObject | undefined, attachments: readonly JsonObject[]): string {
  const lines = [textIn(content, 'text'), ...attachments.map(wordsOf)];
  return lines.filter((line) => line !== undefined).join('\n');
}

/** What can be said of what is no file: links, places, business cards. */
function wordsOf(attachment: JsonObject): string | undefined {
  const payload = objectIn(attachment, 'payload');
  switch (textIn(attachment, 'type')) {
    case 'link':
      return [textIn(payload, 'description'), textIn(payload, 'url')].filter(Boolean).join('\n') || undefined;
    case 'location': {
      const place = objectIn(payload, 'coordinates');
      const latitude = numberIn(place, 'latitude');
      const longitude = numberIn(place, 'longitude');
      return latitude === undefined || longitude === undefined ? undefined : `${latitude}, ${longitude}`;
    }
    default:
      return undefined;
  }
}

const fileTypes: ReadonlySet<string> = new Set(['image', 'gif', 'audio', 'video', 'sticker', 'file']);

function fileOf(attachment: JsonObject): FileReference | undefined {
  const type = textIn(attachment, 'type') ?? '';
  const payload = objectIn(attachment, 'payload');
  const ref = textIn(payload, 'url');
  if (ref === undefined || !fileTypes.has(type)) return undefined;
  const bytes = numberIn(payload, 'size');
  return { ref, name: textIn(payload, 'name') ?? type, ...(bytes === undefined ? {} : { bytes }) };
}
