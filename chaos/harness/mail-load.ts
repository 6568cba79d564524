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
  /** Mails that the mail server did not take, or took without our hearing of it: nothing was promised. */
  refused = 0;
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
      const isTaken = await taken(
        transport.sendMail({
          from,
          to: this.options.to,
          messageId,
          subject: `${isReply ? 'Re: ' : ''}Phản ánh ${number}`,
          text: `Thư số ${number}: đường truyền chập chờn.`,
          ...(isReply && parent !== undefined ? { inReplyTo: parent.id, references: [parent.id] } : {}),
        }),
      );
      if (isTaken) this.acknowledged.add(messageId);
      else this.refused += 1;
      if (isTaken && !isReply) parent = { id: messageId, from };
      await delay(1000 / this.options.perSecond);
    }
    transport.close();
  }
}

async function taken(sending: Promise<unknown>): Promise<boolean> {
  try {
    await sending;
    return true;
  } catch {
    // A busy mail server closes connections; the caller counts it.
    return false;
  }
}
