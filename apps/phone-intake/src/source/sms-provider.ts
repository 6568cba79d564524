import type { SendOutcome } from '#intake';

export interface OutgoingSms {
  /** Our reply id. */
  readonly id: string;
  readonly to: string;
  readonly text: string;
  /** Where the provider reports what became of it. */
  readonly callback: string;
}

/** A way out for short messages. Neither rejects. */
export interface SmsProvider {
  /** Of one text, whatever segments it makes; what is longer is refused before it is sent. */
  readonly maxCharacters?: number;
  send(message: OutgoingSms): Promise<SendOutcome>;
  /** The provider's ids of messages with this text that it took for this number since then, oldest first; empty too where it does not answer. */
  find?(message: Pick<OutgoingSms, 'to' | 'text'> & { readonly since: Date }): Promise<readonly string[]>;
}
