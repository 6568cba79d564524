import { type ThreadSecrets, conversationKey, eventLimits, findFormReference, verifyReplyMessageId } from '#contracts';
import { withoutPlus } from './addresses.js';
import type { MailHeader } from './header.js';

export interface ThreadMaterial {
  /** undefined where the mail has none, or one too long to be one. */
  readonly messageId?: string;
  readonly inReplyTo?: string;
  /** The last fifty. */
  readonly references: readonly string[];
  /** First of all references, also when more than fifty follow. */
  readonly root?: string;
}

const maxIdBytes = 990;
/** So that fifty long ids do not eat the room of the text. */
const maxReferenceBytes = 16 * 1024;

function idsOf(value: string | undefined): string[] {
  return (value ?? '').match(/<[^<>\s]{1,990}>/g) ?? [];
}

/** A Message-ID with its brackets; mail programs that forget them are forgiven. */
function singleId(value: string | undefined): string | undefined {
  const bracketed = idsOf(value)[0];
  if (bracketed !== undefined) return bracketed;
  const bare = value?.trim().replace(/[<>]/g, '');
  return bare !== undefined && /^[^\s]+@[^\s]+$/.test(bare) && bare.length <= maxIdBytes ? `<${bare}>` : undefined;
}

export function readThread(header: MailHeader): ThreadMaterial {
  const all = header.all('references').flatMap(idsOf);
  const messageId = singleId(header.first('message-id'));
  const inReplyTo = singleId(header.first('in-reply-to'));
  return {
    ...(messageId === undefined ? {} : { messageId }),
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    references: lastThatFit(all),
    ...(all[0] === undefined ? {} : { root: all[0] }),
  };
}

function lastThatFit(all: readonly string[]): string[] {
  const kept: string[] = [];
  let bytes = 0;
  for (const id of all.slice(-eventLimits.references).reverse()) {
    bytes += Buffer.byteLength(id);
    if (bytes > maxReferenceBytes) break;
    kept.unshift(id);
  }
  return kept;
}

/**
 * The key of the conversation: the key inside the last Message-ID of ours that the mail answers, else of the thread's root.
 * @param own id of the mail itself: its Message-ID, or the hash that stands for it.
 */
export function conversationOf(
  thread: ThreadMaterial,
  own: string,
  keys: { readonly conversation: string; readonly thread: ThreadSecrets },
): string {
  const answered = [...thread.references, ...(thread.inReplyTo === undefined ? [] : [thread.inReplyTo])];
  for (const id of answered.reverse()) {
    const ours = verifyReplyMessageId(id, keys.thread);
    if (ours !== undefined) return ours.conversationKey;
  }
  return conversationKey(keys.conversation, `mail:${thread.root ?? thread.inReplyTo ?? own}`);
}

/** Claims for ticketing to verify: `tag:PH-123`, `plus:<local part>`, `form:F-…`. */
export function threadHints(of: {
  readonly subject: string;
  readonly text: string;
  readonly deliveredTo: readonly string[];
  readonly ownAddresses: ReadonlySet<string>;
}): string[] {
  const tags = [...of.subject.matchAll(/\[([A-Z]{1,10}-\d{1,12})\]/g)].slice(0, 5).map((match) => `tag:${match[1]}`);
  const plus = of.deliveredTo
    .filter((address) => of.ownAddresses.has(withoutPlus(address)) && withoutPlus(address) !== address)
    .map((address) => `plus:${address.slice(0, address.lastIndexOf('@'))}`);
  const reference = findFormReference(of.subject) ?? findFormReference(of.text);
  return [...new Set([...tags, ...plus.slice(0, 5), ...(reference === undefined ? [] : [`form:${reference}`])])];
}

/** Ids of our replies that the mail answers: proof that they arrived. */
export function answeredReplies(thread: ThreadMaterial, secrets: ThreadSecrets): string[] {
  const ids = [...thread.references, ...(thread.inReplyTo === undefined ? [] : [thread.inReplyTo])];
  return [...new Set(ids.flatMap((id) => verifyReplyMessageId(id, secrets)?.replyId ?? []))];
}
