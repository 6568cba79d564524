import { has, idIn, type JsonObject, listIn, isObject, numberIn, objectIn, textIn } from '../../normalize/json.js';
import { type FileReference, message, noted, type Reading, unknown, unreadable } from '../../normalize/reading.js';

/** Updates that are no customer's word. Source: core.telegram.org/bots/api, "Update". */
const withoutFeedback: ReadonlySet<string> = new Set([
  'inline_query',
  'chosen_inline_result',
  'callback_query',
  'shipping_query',
  'pre_checkout_query',
  'purchased_paid_media',
  'poll',
  'poll_answer',
  'my_chat_member',
  'chat_member',
  'chat_join_request',
  'chat_boost',
  'removed_chat_boost',
  'message_reaction',
  'message_reaction_count',
  'business_connection',
  'deleted_business_messages',
  'channel_post',
  'edited_channel_post',
]);

/** Messages that only tell of the chat itself. */
const serviceMembers = [
  'new_chat_members',
  'left_chat_member',
  'new_chat_title',
  'new_chat_photo',
  'delete_chat_photo',
  'group_chat_created',
  'supergroup_chat_created',
  'migrate_to_chat_id',
  'migrate_from_chat_id',
  'pinned_message',
  'message_auto_delete_timer_changed',
  'forum_topic_created',
  'forum_topic_closed',
  'video_chat_started',
  'video_chat_ended',
] as const;

const singleFiles = ['document', 'audio', 'voice', 'video', 'video_note', 'animation', 'sticker'] as const;

export function updateIdOf(update: JsonObject): number | undefined {
  const id = numberIn(update, 'update_id');
  return id !== undefined && Number.isSafeInteger(id) && id >= 0 ? id : undefined;
}

/** One update of a bot. */
export function readUpdate(update: JsonObject): Reading {
  if (updateIdOf(update) === undefined) return unreadable('update_id');
  if (has(update, 'message')) return readMessage(objectIn(update, 'message'), false);
  if (has(update, 'edited_message')) return readMessage(objectIn(update, 'edited_message'), true);
  const types = Object.keys(update).filter((key) => key !== 'update_id');
  const type = types[0] ?? 'empty';
  return types.length > 0 && withoutFeedback.has(type) ? noted(type) : unknown(type);
}

function readMessage(of: JsonObject | undefined, isEdit: boolean): Reading {
  if (of === undefined) return unreadable('message');
  const service = serviceMembers.find((key) => has(of, key));
  if (service !== undefined) return noted(service);
  const from = objectIn(of, 'from');
  const author = idIn(from, 'id');
  const chat = idIn(objectIn(of, 'chat'), 'id');
  const id = idIn(of, 'message_id');
  const date = numberIn(of, 'date');
  const edited = numberIn(of, 'edit_date');
  if (author === undefined) return unreadable('message.from.id');
  if (chat === undefined) return unreadable('message.chat.id');
  if (id === undefined) return unreadable('message.message_id');
  if (date === undefined) return unreadable('message.date');
  if (isEdit && edited === undefined) return unreadable('edited_message.edit_date');
  // Numbers of messages are unique within a chat only.
  const messageId = `${chat}:${id}`;
  const answered = objectIn(of, 'reply_to_message');
  const answeredChat = idIn(objectIn(answered, 'chat'), 'id') ?? chat;
  const answeredId = idIn(answered, 'message_id');
  const locale = textIn(from, 'language_code');
  const files = filesOf(of);
  return message({
    channel: 'telegram',
    kind: isEdit ? 'edit' : 'message',
    messageId,
    ...(isEdit ? { revision: String(edited), refersTo: messageId } : {}),
    conversationId: chat,
    ...(answeredId === undefined ? {} : { inReplyTo: `${answeredChat}:${answeredId}` }),
    customer: author,
    displayName: nameOf(from) ?? author,
    ...(locale === undefined ? {} : { locale }),
    at: (isEdit ? (edited ?? date) : date) * 1000,
    text: textOf(of),
    ...(files.length === 0 ? {} : { files }),
  });
}

function nameOf(from: JsonObject | undefined): string | undefined {
  const names = [textIn(from, 'first_name'), textIn(from, 'last_name')].filter((name) => name !== undefined);
  return names.length > 0 ? names.join(' ') : textIn(from, 'username');
}

/** What was written; else what can be said of what was sent in its place. */
function textOf(of: JsonObject): string {
  const written = textIn(of, 'text') ?? textIn(of, 'caption');
  if (written !== undefined) return written;
  const location = objectIn(of, 'location');
  const latitude = numberIn(location, 'latitude');
  const longitude = numberIn(location, 'longitude');
  if (latitude !== undefined && longitude !== undefined) {
    return [textIn(objectIn(of, 'venue'), 'title'), `${latitude}, ${longitude}`].filter(Boolean).join('\n');
  }
  const contact = objectIn(of, 'contact');
  if (contact !== undefined) return [nameOf(contact), textIn(contact, 'phone_number')].filter(Boolean).join(' ');
  return textIn(objectIn(of, 'sticker'), 'emoji') ?? textIn(objectIn(of, 'dice'), 'emoji') ?? '';
}

function filesOf(of: JsonObject): FileReference[] {
  const files: FileReference[] = [];
  const sizes = listIn(of, 'photo').filter(isObject);
  // Sizes of one picture, the largest last.
  const photo = sizes.toSorted((a, b) => (numberIn(a, 'width') ?? 0) - (numberIn(b, 'width') ?? 0)).at(-1);
  const photoFile = fileOf(photo, 'photo');
  if (photoFile !== undefined) files.push({ ...photoFile, mediaType: 'image/jpeg' });
  for (const kind of singleFiles) {
    // An animation is told as a document too, for old bots.
    if (kind === 'animation' && has(of, 'document')) continue;
    const file = fileOf(objectIn(of, kind), kind);
    if (file !== undefined) files.push(file);
  }
  return files;
}

function fileOf(of: JsonObject | undefined, kind: string): FileReference | undefined {
  const ref = textIn(of, 'file_id');
  if (ref === undefined || ref.length > 1_000) return undefined;
  const mediaType = textIn(of, 'mime_type');
  const bytes = numberIn(of, 'file_size');
  return {
    ref,
    name: textIn(of, 'file_name') ?? kind,
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}
