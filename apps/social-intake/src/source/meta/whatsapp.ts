import { idIn, isObject, type JsonObject, listIn, numberIn, objectIn, textIn } from '../../normalize/json.js';
import {
  type FileReference,
  message,
  noted,
  type Reading,
  type Receipt,
  receipt,
  unknown,
  unreadable,
} from '../../normalize/reading.js';
import { graphMeaning } from './graph-errors.js';
import { replyIdIn } from './own-mark.js';
import { type MetaPart, milliseconds } from './split.js';

const fileTypes: ReadonlySet<string> = new Set(['image', 'video', 'audio', 'document', 'sticker', 'voice']);
const receipts: ReadonlySet<string> = new Set(['sent', 'delivered', 'read', 'failed']);
const otherStatuses: ReadonlySet<string> = new Set(['deleted', 'played', 'warning']);

/** An update of a WhatsApp number. Source: developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview. */
export function readWhatsApp({ value, field }: MetaPart): Reading {
  if (value === undefined) return unreadable('value');
  if (field !== 'messages' && field !== 'smb_message_echoes') return noted(`whatsapp_${field}`.slice(0, 60));
  const [status] = listIn(value, 'statuses');
  if (isObject(status)) return readStatus(status);
  const [echo] = listIn(value, 'message_echoes');
  if (isObject(echo)) return readMessage(echo, value, true);
  const [content] = listIn(value, 'messages');
  if (isObject(content)) return readMessage(content, value, false);
  return listIn(value, 'errors').length > 0 ? noted('errors') : unreadable('value.messages');
}

/** What became of a message of ours; our reply's id comes back in it. Source: …/whatsapp/webhooks/reference/messages/status. */
function readStatus(status: JsonObject): Reading {
  const state = textIn(status, 'status') ?? 'none';
  if (!receipts.has(state))
    return otherStatuses.has(state) ? noted(`status_${state}`) : unknown(`whatsapp status ${state}`);
  const replyId = replyIdIn(textIn(status, 'biz_opaque_callback_data'));
  const messageId = idIn(status, 'id');
  if (messageId === undefined) return unreadable('status.id');
  const [first] = listIn(status, 'errors').filter(isObject);
  return receipt({
    type: `status_${state}`,
    messageIds: [messageId],
    ...(replyId === undefined ? {} : { replyId }),
    to: state as Receipt['to'],
    ...(state === 'failed' ? { error: failureOf(idIn(first, 'code')) } : {}),
  });
}

/** It was accepted and has failed since: nothing tries it again. */
function failureOf(code: string | undefined): NonNullable<Receipt['error']> {
  const meaning = graphMeaning(code, undefined);
  const ours = meaning === undefined || meaning === 'uncertain' ? 'recipient_unreachable' : meaning.code;
  return { code: ours, detail: `Meta ${code ?? 'without a code'}`, permanent: true };
}

function readMessage(of: JsonObject, value: JsonObject, isEcho: boolean): Reading {
  const type = textIn(of, 'type') ?? 'none';
  if (type === 'reaction' || type === 'system') return noted(type);
  const address = idIn(objectIn(value, 'metadata'), 'phone_number_id');
  const customer = idIn(of, isEcho ? 'to' : 'from');
  const messageId = idIn(of, 'id');
  const at = milliseconds(numberIn(of, 'timestamp'));
  if (address === undefined) return unreadable('metadata.phone_number_id');
  if (customer === undefined) return unreadable(isEcho ? 'message.to' : 'message.from');
  if (messageId === undefined) return unreadable('message.id');
  if (at === undefined) return unreadable('message.timestamp');
  const text = textOf(of, type);
  if (text === undefined) return unknown(`whatsapp message ${type}`);
  const name = isEcho ? undefined : nameOf(value, customer);
  const inReplyTo = idIn(objectIn(of, 'context'), 'id');
  const file = fileTypes.has(type) ? fileOf(objectIn(of, type), type) : undefined;
  return message({
    channel: 'whatsapp',
    kind: isEcho ? 'echo' : 'message',
    address,
    messageId,
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    customer,
    ...(name === undefined ? {} : { displayName: name }),
    at,
    text,
    ...(file === undefined ? {} : { files: [file] }),
  });
}

function nameOf(value: JsonObject, customer: string): string | undefined {
  const contacts = listIn(value, 'contacts').filter(isObject);
  const contact = contacts.find((one) => idIn(one, 'wa_id') === customer);
  return textIn(objectIn(contact, 'profile'), 'name');
}

/** undefined: a type that we do not know. */
function textOf(of: JsonObject, type: string): string | undefined {
  const part = objectIn(of, type);
  if (fileTypes.has(type)) return textIn(part, 'caption') ?? '';
  switch (type) {
    case 'text':
      return textIn(part, 'body') ?? '';
    case 'button':
      return textIn(part, 'text') ?? '';
    case 'interactive': {
      const reply = objectIn(part, 'button_reply') ?? objectIn(part, 'list_reply');
      return textIn(reply, 'title') ?? '';
    }
    case 'location': {
      const place = [numberIn(part, 'latitude'), numberIn(part, 'longitude')].filter((number) => number !== undefined);
      return [textIn(part, 'name'), textIn(part, 'address'), place.join(', ')].filter(Boolean).join('\n');
    }
    case 'contacts':
      return contactsOf(of);
    // The person sent what WhatsApp does not hand on: that he wrote is worth a ticket.
    case 'unsupported':
      return '';
    default:
      return undefined;
  }
}

function contactsOf(of: JsonObject): string {
  return listIn(of, 'contacts')
    .filter(isObject)
    .map((contact) => {
      const [phone] = listIn(contact, 'phones').filter(isObject);
      return [textIn(objectIn(contact, 'name'), 'formatted_name'), textIn(phone, 'phone')].filter(Boolean).join(' ');
    })
    .join('\n');
}

function fileOf(of: JsonObject | undefined, type: string): FileReference | undefined {
  const ref = idIn(of, 'id');
  // Only ids are looked up: a link here would be another one's word for where our token is sent.
  if (ref === undefined || !/^\d{1,40}$/.test(ref)) return undefined;
  const mediaType = textIn(of, 'mime_type');
  return {
    ref,
    name: textIn(of, 'filename') ?? type,
    ...(mediaType === undefined ? {} : { mediaType: (mediaType.split(';')[0] ?? mediaType).trim() }),
  };
}
