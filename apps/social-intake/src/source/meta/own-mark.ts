const prefix = 'phanhoi:';
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What `metadata` of our own messages holds: Meta echoes it. */
export const ownMark = (replyId: string) => `${prefix}${replyId}`;

/** Of a message that is only part of an answer: ours, and no proof of the answer. */
export const partMark = `${prefix}part`;

/** Whether a message is ours, and of which reply. */
export function readOwnMark(metadata: string | undefined): { readonly replyId: string | undefined } | undefined {
  return metadata?.startsWith(prefix) === true ? { replyId: replyIdIn(metadata.slice(prefix.length)) } : undefined;
}

/** A reply's id, if it is one. */
export function replyIdIn(text: string | undefined): string | undefined {
  return text !== undefined && uuid.test(text) ? text : undefined;
}
