import { ImapFlow } from 'imapflow';
import { type ParsedMail, simpleParser } from 'mailparser';
import { createTransport, type SendMailOptions } from 'nodemailer';
import type { Received } from '#testing';
import type { Stack } from '../platform/stack.js';

/** The customer's side: a mail program on the customer's own mailbox. */
export class CustomerMailbox {
  readonly address: string;

  constructor(private readonly stack: Stack) {
    this.address = this.box.address;
  }

  /** @returns the Message-ID that the mail got. */
  async send(mail: SendMailOptions): Promise<string> {
    const { hostname, port } = new URL(this.stack.smtp);
    const transport = createTransport({ host: hostname, port: Number(port), secure: false, ignoreTLS: true });
    try {
      const { messageId } = await transport.sendMail({
        from: { name: 'Nguyễn Thị Hoa', address: this.address },
        ...mail,
      });
      return messageId;
    } finally {
      transport.close();
    }
  }

  /** What the customer has got that holds these words. */
  async received(words: string): Promise<Received[]> {
    return (await this.matching(words)).map(({ text = '', inReplyTo }) => ({
      to: this.address,
      text,
      ...(inReplyTo === undefined ? {} : { inReplyTo }),
    }));
  }

  async find(words: string): Promise<ParsedMail | undefined> {
    return (await this.matching(words))[0];
  }

  /** The mails in the inbox whose text holds these words, newest first. */
  private async matching(words: string): Promise<ParsedMail[]> {
    const { hostname, port } = new URL(this.stack.imap);
    const auth = { user: this.box.user, pass: this.box.password };
    const client = new ImapFlow({ host: hostname, port: Number(port), secure: false, auth, logger: false });
    await client.connect();
    try {
      const lock = await client.getMailboxLock('INBOX');
      try {
        const found: ParsedMail[] = [];
        for (const { source } of (await client.fetchAll('1:*', { source: true })).reverse()) {
          if (source === undefined) continue;
          const mail = await simpleParser(source);
          if (mail.text?.includes(words)) found.push(mail);
        }
        return found;
      } finally {
        lock.release();
      }
    } finally {
      await client.logout();
    }
  }

  private get box() {
    const box = this.stack.mailboxes['customer'];
    if (box === undefined) throw new Error('the platform has no customer mailbox');
    return box;
  }
}
