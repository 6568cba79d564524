import type { Channel, FeedbackKind, Identity, ReplyDelivery } from '#contracts';

/** A file that a message names: where it lies is for the network to say. */
export interface FileReference {
  /** An address, or the network's id of the file. */
  readonly ref: string;
  readonly name?: string;
  readonly mediaType?: string;
  readonly bytes?: number;
}

/** What one message, comment or call says, in the words of all networks. */
export interface SocialMessage {
  readonly channel: Channel;
  readonly kind: FeedbackKind;
  /** Our side of it as the network names it (page, number, Official Account); absent: the account that the webhook names. */
  readonly address?: string;
  readonly messageId: string;
  /** Tells later states of the same message apart: the time of an edit, `deleted`. */
  readonly revision?: string;
  readonly refersTo?: string;
  readonly conversationId?: string;
  readonly inReplyTo?: string;
  /** The network's id of the customer, whoever of both sides wrote; absent where a network does not say whose comment it removed. */
  readonly customer?: string;
  /** Of the author. */
  readonly displayName?: string;
  readonly locale?: string;
  /** Milliseconds since 1970, as the network says. */
  readonly at?: number;
  readonly text: string;
  readonly files?: readonly FileReference[];
  readonly fields?: Readonly<Record<string, string | number | boolean>>;
  /** An answer of a machine on our side: it stops no clock. */
  readonly automatic?: boolean;
  /** Of an echo: software has sent it. If it is not our own answer, it is another app's: no feedback in any case. */
  readonly isBySoftware?: boolean;
}

/** What became of messages of ours. Named by the reply where the network echoes its id, else by the messages, else by a time. */
export interface Receipt {
  readonly type: string;
  readonly to: 'sent' | 'delivered' | 'read' | 'failed';
  readonly replyId?: string;
  readonly messageIds?: readonly string[];
  /** Everything that the person was sent until then. Milliseconds since 1970. */
  readonly until?: number;
  /** Whom it is of: one of them is the customer. */
  readonly parties?: readonly Identity[];
  readonly error?: NonNullable<ReplyDelivery['error']>;
}

/** Ids of networks are numbers that several networks give out: the channel keeps them apart. */
export const handleOf = (channel: Channel, id: string): Identity => ({
  kind: 'handle',
  value: `${channel}:${id}`.slice(0, 320),
});

/** What a network makes of one part of a webhook. */
export type Reading =
  | { readonly kind: 'message'; readonly message: SocialMessage }
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  /** Known and no feedback: a follower, a button of ours. Counted. */
  | { readonly kind: 'noted'; readonly type: string }
  /** Well signed, but of a type that we do not know: kept in quarantine. */
  | { readonly kind: 'unknown'; readonly type: string }
  /** Of a known type, but without what such a message must have. `detail` names the field, never its value. */
  | { readonly kind: 'unreadable'; readonly detail: string };

export const message = (of: SocialMessage): Reading => ({ kind: 'message', message: of });
export const receipt = (of: Receipt): Reading => ({ kind: 'receipt', receipt: of });
export const noted = (type: string): Reading => ({ kind: 'noted', type });
export const unknown = (type: string): Reading => ({ kind: 'unknown', type: type.slice(0, 100) });
export const unreadable = (detail: string): Reading => ({ kind: 'unreadable', detail });
