import type { DeliveryErrorCode, ReplyDelivery, ReplyRequested } from '#contracts';

/** A short answer to somebody whose message was not taken; no ticket knows of it. */
export interface Notice {
  readonly kind: 'notice';
  readonly id: string;
  readonly account: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly inReplyTo?: string;
}

export type Outgoing = (ReplyRequested & { readonly kind: 'reply' }) | Notice;

/** What became of an attempt. `not_sent` is certain: nothing of it was accepted. */
export type SendOutcome =
  | { readonly kind: 'sent'; readonly messageId?: string }
  | {
      readonly kind: 'not_sent';
      readonly code: DeliveryErrorCode;
      readonly permanent: boolean;
      readonly detail: string;
      /** When the provider says how long to wait: the whole account waits. Else the queue backs off by itself, with this reply. */
      readonly retryAfterMs?: number;
    }
  | { readonly kind: 'uncertain'; readonly detail: string };

export type Prepared =
  /** `messageId`: the provider's name of it where we choose it ourselves. `send` never rejects. */
  | { readonly kind: 'ready'; readonly messageId?: string; readonly send: () => Promise<SendOutcome> }
  | { readonly kind: 'refused'; readonly error: NonNullable<ReplyDelivery['error']> };

/** How an app hands an answer to its provider: SMTP, an SMS gateway, a network's API. */
export interface ReplySender {
  /** Everything that can fail before the provider is asked; a rejection is tried again later. */
  prepare(outgoing: Outgoing): Promise<Prepared>;
  /** Ids of those uncertain ones of which the provider now says that they went out. */
  findSent(outgoing: readonly Outgoing[]): Promise<readonly string[]>;
  /** After `sent` is written down, e.g. to file a copy. Never rejects. */
  afterSent?(outgoing: Outgoing): Promise<void>;
  /** The attempt is over, whatever became of it. */
  forget?(outgoing: Outgoing): void;
  close?(): void;
}
