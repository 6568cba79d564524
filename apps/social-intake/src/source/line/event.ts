import { idIn, isObject, type JsonObject, listIn, numberIn, objectIn, textIn } from '../../normalize/json.js';
import { type FileReference, message, noted, type Reading, unknown, unreadable } from '../../normalize/reading.js';

/** Events that are no customer's word. Source: developers.line.biz/en/reference/messaging-api, "Webhook Event Objects". */
const withoutFeedback: ReadonlySet<string> = new Set([
  'follow',
  'unfollow',
  'join',
  'leave',
  'memberJoined',
  'memberLeft',
  'postback',
  'videoPlayComplete',
  'beacon',
  'accountLink',
  'membership',
  'module',
  'activated',
  'deactivated',
  'botSuspended',
  'botResumed',
  'delivery',
]);

const withFile = { image: 'image/jpeg', video: 'video/mp4', audio: 'audio/m4a', file: undefined } as const;
const isWithFile = (type: string): type is keyof typeof withFile => Object.hasOwn(withFile, type);

/** One webhook for each event; one without events, as LINE sends when the address is tried, stays as it is. */
export function splitEvents(payload: JsonObject): readonly JsonObject[] {
  const events = listIn(payload, 'events');
  return events.length < 2 ? [payload] : events.map((event) => ({ ...payload, events: [event] }));
}

export function readEvent(payload: JsonObject): Reading {
  if (!Array.isArray(payload.events)) return unreadable('events');
  const [event] = listIn(payload, 'events');
  if (event === undefined) return noted('verify');
  if (!isObject(event)) return unreadable('events[0]');
  const type = textIn(event, 'type');
  if (type === undefined) return unreadable('events[0].type');
  if (withoutFeedback.has(type)) return noted(type);
  if (type !== 'message' && type !== 'unsend') return unknown(type);
  return readMessage(event, type === 'unsend');
}

function readMessage(event: JsonObject, isUnsent: boolean): Reading {
  const source = objectIn(event, 'source');
  const content = objectIn(event, isUnsent ? 'unsend' : 'message');
  const group = idIn(source, 'groupId') ?? idIn(source, 'roomId');
  // In a group LINE does not name those who have not agreed to it.
  const customer = idIn(source, 'userId') ?? group;
  const id = idIn(content, isUnsent ? 'messageId' : 'id');
  const at = numberIn(event, 'timestamp');
  if (customer === undefined) return unreadable('source.userId');
  if (id === undefined) return unreadable(isUnsent ? 'unsend.messageId' : 'message.id');
  if (at === undefined) return unreadable('timestamp');
  const said = {
    channel: 'line',
    messageId: id,
    conversationId: group ?? customer,
    customer,
    at,
  } as const;
  if (isUnsent) return message({ ...said, kind: 'deletion', revision: 'deleted', refersTo: id, text: '' });
  const type = textIn(content, 'type') ?? '';
  const files = isWithFile(type) && content !== undefined ? [fileOf(content, id, type)] : [];
  return message({
    ...said,
    kind: 'message',
    text: textOf(content, type),
    ...(files.length === 0 ? {} : { files }),
  });
}

/** LINE keeps the bytes under the id of the message; what somebody else keeps is only shown by LINE. */
function fileOf(content: JsonObject, id: string, type: keyof typeof withFile): FileReference {
  const mediaType = withFile[type];
  const bytes = numberIn(content, 'fileSize');
  return {
    ref: id,
    name: textIn(content, 'fileName') ?? type,
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}

/** What was written; else what can be said of what was sent in its place. */
function textOf(content: JsonObject | undefined, type: string): string {
  if (type === 'location') {
    const place = [numberIn(content, 'latitude'), numberIn(content, 'longitude')];
    const known = place.every((number) => number !== undefined);
    return [textIn(content, 'title'), textIn(content, 'address'), known ? place.join(', ') : undefined]
      .filter((part) => part !== undefined)
      .join('\n');
  }
  const keywords = listIn(content, 'keywords').filter((word) => typeof word === 'string');
  return textIn(content, 'text') ?? keywords.slice(0, 5).join(', ');
}
