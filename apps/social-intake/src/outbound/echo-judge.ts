import type { IntakeOutcome, Unreadable } from '#intake';
import { classifyDatabaseError } from '#postgres';
import { identityOf } from '../normalize/feedback.js';
import type { Receipt, SocialMessage } from '../normalize/reading.js';
import type { SocialAccount } from '../source/account-directory.js';
import { ApiCallError } from '../source/api-call.js';
import type { UnmatchedEcho, UnmatchedEchoRepository } from '../store/unmatched-echo.repository.js';
import type { Judgement, OwnSends } from './own-sends.js';

/** The webhook of an echo, and whether it has waited long enough. */
type EchoWebhook = UnmatchedEcho & { readonly isJudgedNow?: boolean };

export type JudgedEcho =
  /** A colleague's words: they belong on the ticket. */
  | { readonly kind: 'foreign'; readonly echo: SocialMessage }
  | { readonly kind: 'noted'; readonly type: string }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'unreadable'; readonly why: Pick<Unreadable, 'reason' | 'step' | 'detail'> };

const lookupMs = 1_000;

const unreadable = (detail: string): JudgedEcho => ({
  kind: 'unreadable',
  why: { reason: 'unknown_failure', step: 'judge', detail },
});

/** Says of each echo whose words it holds, as far as that can be said now. */
export class EchoJudge {
  constructor(
    private readonly own: OwnSends,
    private readonly unmatched: UnmatchedEchoRepository,
  ) {}

  /** While the database is away nobody can tell: such an echo goes to quarantine, since not every network would bring it again. */
  async judge(account: SocialAccount, echo: SocialMessage, webhook: EchoWebhook): Promise<JudgedEcho> {
    try {
      const judgement = await this.own.judge({
        account: account.id,
        messageId: echo.messageId,
        text: echo.text,
        recipient: identityOf(echo)?.value,
        ...(echo.customer === undefined ? { inReplyTo: echo.inReplyTo, conversationId: echo.conversationId } : {}),
      });
      return await this.act(judgement, account, echo, webhook);
    } catch (error) {
      if (classifyDatabaseError(error) !== 'transient') throw error;
      return unreadable('the database is away');
    }
  }

  /**
   * Moves the deliveries that a receipt is of; `busy` while that cannot be written: networks bring receipts again. One that may be of
   * an answer under way waits as an echo does.
   */
  async apply(
    receipt: Receipt,
    webhook: EchoWebhook,
  ): Promise<Extract<IntakeOutcome, { kind: 'busy' }> | { readonly kind: 'waiting' } | undefined> {
    try {
      if ((await this.own.apply(receipt)) === 'applied' || webhook.isJudgedNow === true) return undefined;
      await this.unmatched.keep(webhook);
      return { kind: 'waiting' };
    } catch (error) {
      if (classifyDatabaseError(error) !== 'transient') throw error;
      return { kind: 'busy', retryAfterSeconds: 5 };
    }
  }

  private async act(
    judgement: Judgement,
    account: SocialAccount,
    echo: SocialMessage,
    webhook: EchoWebhook,
  ): Promise<JudgedEcho> {
    if (judgement === 'ours') return { kind: 'noted', type: 'own_echo' };
    if (echo.isBySoftware === true) return { kind: 'noted', type: 'echo_of_software' };
    if (judgement === 'undecided' && webhook.isJudgedNow !== true) {
      await this.unmatched.keep(webhook);
      return { kind: 'waiting' };
    }
    if (echo.customer !== undefined || echo.inReplyTo === undefined) return { kind: 'foreign', echo };
    return await this.withCustomer(account, echo, echo.inReplyTo);
  }

  /** An answer below a comment is for the comment's author. */
  private async withCustomer({ network }: SocialAccount, echo: SocialMessage, comment: string): Promise<JudgedEcho> {
    try {
      const customer = await network.authorOf?.(comment, AbortSignal.timeout(lookupMs));
      if (customer !== undefined) return { kind: 'foreign', echo: { ...echo, customer } };
      return unreadable('the network does not say whom the comment is for');
    } catch (error) {
      if (!(error instanceof ApiCallError)) throw error;
      return unreadable(`whom the comment is for could not be looked up: ${error.message}`);
    }
  }
}
