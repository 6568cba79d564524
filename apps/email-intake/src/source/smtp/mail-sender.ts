import { Inject, Injectable } from '@nestjs/common';
import type { ThreadSecrets } from '#contracts';
import {
  type AttachmentStore,
  type Outgoing,
  type Prepared,
  type ReplySender,
  type SendOutcome,
  StoreError,
} from '#intake';
import { counter, type Logger } from '#observability';
import type { Mailbox } from '../accounts.js';
import { appendToSent, findInSent } from '../imap/sent-folder.js';
import type { SignIns } from '../sign-in/sign-ins.js';
import { type ComposedMail, composeMail, messageIdOf } from './compose.js';
import { SmtpSession } from './smtp-session.js';

export interface SenderParts {
  readonly accounts: readonly Mailbox[];
  readonly signIns: SignIns;
  readonly secrets: ThreadSecrets;
  readonly store: AttachmentStore;
  readonly logger: Logger;
}

export const SENDER_PARTS = 'SENDER_PARTS';

const longestSessionLine = 4;

const sent = counter({
  name: 'phanhoi_mail_sent_total',
  help: 'Mails that the mail server took; with phanhoi_mail_bounced_total the bounce rate of an account',
  labelNames: ['account'],
});

/** Sends mail for the configured mailboxes and files it in their Sent folders. */
@Injectable()
export class MailSender implements ReplySender {
  private readonly idle = new Map<string, SmtpSession[]>();
  /** Filed after the state is written; composed once. */
  private readonly composed = new Map<string, ComposedMail>();

  constructor(@Inject(SENDER_PARTS) private readonly parts: SenderParts) {}

  /** Everything that can fail before the mail server is asked. Rejects with StoreError while the store is away. */
  async prepare(outgoing: Outgoing): Promise<Prepared> {
    const mailbox = this.mailboxOf(outgoing);
    if (mailbox === undefined) return { kind: 'refused', error: { code: 'account_unknown', permanent: true } };
    let mail: ComposedMail;
    try {
      mail = await composeMail(outgoing, mailbox, this.parts.secrets, (sha256) => this.parts.store.open(sha256));
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'not_found') throw error;
      return {
        kind: 'refused',
        error: { code: 'message_rejected', detail: 'a file of the reply is missing', permanent: true },
      };
    }
    return {
      kind: 'ready',
      messageId: mail.messageId,
      send: async () => {
        const outcome = await this.transmit(mailbox, mail);
        if (outcome.kind === 'sent' && mailbox.options.appendToSent) this.composed.set(outgoing.id, mail);
        return outcome;
      },
    };
  }

  /** The copy for colleagues. The mail is out already, so a failure is only logged. */
  async afterSent(outgoing: Outgoing): Promise<void> {
    const mail = this.composed.get(outgoing.id);
    const mailbox = this.mailboxOf(outgoing);
    if (mail === undefined || mailbox === undefined || outgoing.kind === 'notice') return;
    try {
      await appendToSent(mailbox, this.parts.signIns.of(mailbox), mail);
    } catch (error) {
      this.parts.logger.warn(
        { err: error, account: mailbox.id, replyId: outgoing.id },
        'a reply could not be filed in the Sent folder',
      );
    }
  }

  /** Lets the composed mail go, filed or not. */
  forget(outgoing: Outgoing): void {
    this.composed.delete(outgoing.id);
  }

  /** Ids of those replies whose copy lies in the Sent folder. */
  async findSent(outgoing: readonly Outgoing[]): Promise<string[]> {
    const found: string[] = [];
    for (const mailbox of this.parts.accounts) {
      const ours = outgoing.filter((one) => one.account === mailbox.id);
      if (ours.length === 0) continue;
      const ids = new Map(ours.map((one) => [messageIdOf(one, mailbox, this.parts.secrets), one.id]));
      const present = await findInSent(mailbox, this.parts.signIns.of(mailbox), [...ids.keys()]);
      found.push(...[...ids].flatMap(([messageId, id]) => (present.has(messageId) ? [id] : [])));
    }
    return found;
  }

  close(): void {
    for (const sessions of this.idle.values()) for (const session of sessions) session.close();
    this.idle.clear();
  }

  private mailboxOf(outgoing: Outgoing): Mailbox | undefined {
    return this.parts.accounts.find((account) => account.id === outgoing.account);
  }

  private async transmit(mailbox: Mailbox, mail: ComposedMail): Promise<SendOutcome> {
    const waiting = this.idle.get(mailbox.id) ?? [];
    this.idle.set(mailbox.id, waiting);
    const session = waiting.pop() ?? new SmtpSession(mailbox, this.parts.signIns.of(mailbox));
    const outcome = await session.send(mail);
    if (outcome.kind === 'sent') sent.inc({ account: mailbox.id });
    if (waiting.length < longestSessionLine) waiting.push(session);
    else session.close();
    return outcome;
  }
}
