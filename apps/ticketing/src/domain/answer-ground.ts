import type { Channel, Identity } from '#contracts';
import type { CustomerWord, WindowRules } from './answer-window.js';
import type { ContactState } from './reachability.js';

export interface AnswerRules extends WindowRules {
  /** Which other identities of the customer are tried, in this order. */
  readonly fallback: readonly Channel[];
  /** The mailbox by which those are answered who wrote no mail. */
  readonly mailAccount: string;
  /** The account by which calls and forms are answered by SMS: of each telephone account, and of all others. */
  readonly smsAccounts: { readonly byPhone: ReadonlyMap<string, string>; readonly other: string };
}

/** An address of the ticket's customer. */
export interface Contact extends Identity {
  readonly id: string;
  readonly verified: boolean;
  readonly states: readonly ContactState[];
}

/** The newest that the customer said from one identity on one channel to one account, on this ticket or on his others. */
export interface LastWord extends CustomerWord {
  readonly identityId: string;
  readonly account: string;
  readonly messageId: string | null;
  readonly conversationId: string | null;
  readonly onTicket: boolean;
}

export interface AnswerGround {
  readonly contacts: readonly Contact[];
  readonly words: readonly LastWord[];
  /** The mail of this ticket that a mail goes on from. */
  readonly mail: { readonly messageId: string; readonly references: readonly string[] } | null;
}
