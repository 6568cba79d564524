import { idIn, isObject, type JsonObject, listIn, objectIn, textIn } from '../../normalize/json.js';

interface Inbox {
  readonly channel: string;
  readonly sender: string;
  readonly address: string | undefined;
  /** When it was written, in milliseconds since 1970. */
  readonly at: number | undefined;
}

/**
 * What the webhook would have said of a message on the list: its `mid` is the message's id. Undefined: neither side is ours. Sources (2026-11-23):
 * developers.facebook.com/docs/graph-api/reference/message, …/docs/messenger-platform/reference/webhook-events/messages.
 */
export function webhookOf(message: JsonObject, { channel, sender, address, at }: Inbox): Buffer | undefined {
  const from = idIn(objectIn(message, 'from'), 'id');
  const to = listIn(objectIn(message, 'to'), 'data')
    .filter(isObject)
    .map((one) => idIn(one, 'id'));
  const isOurs = (id: string | undefined) => id !== undefined && (id === address || id === sender);
  const isEcho = isOurs(from);
  if (!isEcho && !to.some(isOurs)) return undefined;
  const us = address ?? (isEcho ? from : to.find(isOurs));
  const customer = isEcho ? to.find((id) => !isOurs(id)) : from;
  const text = textIn(message, 'message');
  const attachments = attachmentsOf(message);
  const update = {
    sender: { id: isEcho ? us : customer },
    recipient: { id: isEcho ? customer : us },
    timestamp: at,
    message: {
      mid: idIn(message, 'id'),
      ...(text === undefined ? {} : { text }),
      ...(attachments.length === 0 ? {} : { attachments }),
      ...(isEcho ? { is_echo: true } : {}),
    },
  };
  const object = channel === 'instagram' ? 'instagram' : 'page';
  return Buffer.from(JSON.stringify({ object, entry: [{ id: us, time: at, messaging: [update] }] }));
}

/** Files, as webhooks name them. Stickers, shares and stories are listed under fields of their own, and come without. */
function attachmentsOf(message: JsonObject): { readonly type: string; readonly payload: { readonly url: string } }[] {
  return listIn(objectIn(message, 'attachments'), 'data')
    .filter(isObject)
    .flatMap((file) => {
      const image = textIn(objectIn(file, 'image_data'), 'url');
      const video = textIn(objectIn(file, 'video_data'), 'url');
      const url = image ?? video ?? textIn(file, 'file_url');
      if (url === undefined) return [];
      const isAudio = textIn(file, 'mime_type')?.startsWith('audio/') === true;
      const type = image !== undefined ? 'image' : video !== undefined ? 'video' : isAudio ? 'audio' : 'file';
      return [{ type, payload: { url } }];
    });
}
