import type { ReceivedVia, ThreadSecrets } from '#contracts';
import type { OwnStaff } from './forwarded.js';
import type { MailLimits } from './limits.js';

/** What of an account's configuration the meaning of a mail depends on. */
export interface MailAccount {
  readonly id: string;
  /** Our addresses that this mailbox receives for; the first is the one we answer from. */
  readonly addresses: readonly string[];
  readonly authservId?: string;
  readonly staff: OwnStaff;
}

export interface MailContext {
  readonly account: MailAccount;
  readonly folder: 'inbox' | 'sent';
  readonly internalDate?: Date;
  readonly receivedAt: Date;
  readonly receivedVia: ReceivedVia;
  readonly keys: { readonly conversation: string; readonly thread: ThreadSecrets };
  readonly limits: MailLimits;
  /** What the source noticed about the mail, e.g. that the server states another size. */
  readonly flags?: readonly string[];
}
