import { hash } from 'node:crypto';
import {
  type FeedbackReceived,
  findFormReference,
  type ThreadSecrets,
  verifyPlusAddress,
  verifyReplyMessageId,
} from '#contracts';
import { parseTicketNumber } from './ticket.js';

/** Everything in a mail that could say where it belongs, with proofs already verified. Nothing here touches storage. */
export interface ThreadMaterial {
  /** Key of its own Message-ID. */
  readonly own: string;
  /** Hash of the content: the same Message-ID with another content is another mail. */
  readonly revision: string;
  /** Keys of In-Reply-To and References, nearest first. */
  readonly parents: readonly string[];
  /** Those of them whose rows are locked: In-Reply-To, first and last reference. */
  readonly lockedParents: readonly string[];
  /** Replies of ours that it provably answers, nearest first. */
  readonly provenReplies: readonly string[];
  /** Ticket numbers from signed plus-addresses. */
  readonly provenNumbers: readonly number[];
  readonly claimedNumbers: readonly number[];
  readonly claimedReferences: readonly string[];
}

export interface ThreadRules {
  readonly secrets: ThreadSecrets;
  readonly prefix: string;
}

/** Message-IDs come in any length; a row is found by the first 16 bytes of their sha256. */
export function referenceKey(messageId: string): string {
  const hex = hash('sha256', messageId.trim().replace(/^<|>$/g, ''), 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

function revisionOf(event: FeedbackReceived): string {
  const files = event.attachments.map((file) => file.sha256).join();
  return hash('sha256', [event.subject, event.text, event.html, event.quoted, files].join('\0'), 'hex').slice(0, 32);
}

function claims(hints: readonly string[], kind: string): string[] {
  return hints.filter((hint) => hint.startsWith(`${kind}:`)).map((hint) => hint.slice(kind.length + 1));
}

const isPresent = <Item>(item: Item | undefined): item is Item => item !== undefined;

export function threadMaterialOf(event: FeedbackReceived, { secrets, prefix }: ThreadRules): ThreadMaterial {
  const { inReplyTo, references, hints } = event.thread;
  const near = [...new Set([...(inReplyTo === undefined ? [] : [inReplyTo]), ...references.toReversed()])];
  const answered = event.signals.bounce?.messageId;
  const ours = (answered === undefined ? near : [answered, ...near]).map((id) => verifyReplyMessageId(id, secrets));
  const parents = near.map(referenceKey);
  const locked = [inReplyTo, references[0], references.at(-1)].filter(isPresent).map(referenceKey);
  return {
    own: referenceKey(event.provider.messageId),
    revision: revisionOf(event),
    parents,
    lockedParents: [...new Set(locked)],
    provenReplies: ours.filter(isPresent).map(({ replyId }) => replyId),
    provenNumbers: claims(hints, 'plus')
      .map((address) => verifyPlusAddress(address.startsWith('+') ? address : `+${address.split('+').at(-1)}`, secrets))
      .filter(isPresent)
      .map(({ ticketNumber }) => parseTicketNumber(prefix, ticketNumber))
      .filter(isPresent),
    claimedNumbers: claims(hints, 'tag')
      .map((tag) => parseTicketNumber(prefix, tag))
      .filter(isPresent),
    claimedReferences: claims(hints, 'form').map(findFormReference).filter(isPresent),
  };
}
