import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { Acknowledged } from './acknowledged.js';

interface MailLoadOptions {
  readonly smtpUrl: string;
  readonly to: string;
  readonly perSecond: number;
  readonly file: string;
}

/** Customers who write mails, every third an answer to their own earlier one; what the mail server took is written down. */
export class MailLoad {
  readonly acknowledged: Acknowledged;
  private running = true;
  private readonly loop: Promise<void>;

  constructor(private readonly options: MailLoadOptions) {
    this.acknowledged = new Acknowledged(options.file);
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.loop;
    this.acknowledged.close();
  }

  private async run(): Promise<void> {
    const transport = createTransport(this.options.smtpUrl, { from: 'khach@donvi.example' });
    let parent: { id: string; from: string } | undefined;
    for (let number = 1; this.running; number++) {
      const isReply = number % 3 === 0 && parent !== undefined;
      const from = isReply && parent !== undefined ? parent.from : `khach${number % 200}@donvi.example`;
      const messageId = `<${randomUUID()}@donvi.example>`;
      await transport.sendMail({
        from,
        to: this.options.to,
        messageId,
        subject: `${isReply ? 'Re: ' : ''}Phản ánh ${number}`,
        text: `Thư số ${number}: đường truyền chập chờn.`,
        ...(isReply && parent !== undefined ? { inReplyTo: parent.id, references: [parent.id] } : {}),
      });
      this.acknowledged.add(messageId);
      if (!isReply) parent = { id: messageId, from };
      await delay(1000 / this.options.perSecond);
    }
    transport.close();
  }
}
