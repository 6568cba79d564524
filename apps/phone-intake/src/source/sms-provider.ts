import type { SendOutcome } from '#intake';

export interface OutgoingSms {
  /** Our reply id. */
  readonly id: string;
  readonly to: string;
  readonly text: string;
  /** Where the provider reports what became of it. */
  readonly callback: string;
}

/** A way out for short messages. Never rejects. */
export interface SmsProvider {
  send(message: OutgoingSms): Promise<SendOutcome>;
}
