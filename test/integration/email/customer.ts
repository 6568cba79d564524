import { ImapFlow } from 'imapflow';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { testImapUrl, testSmtpUrl, waitFor } from '#testing';

/** A customer with a mailbox on the test server, whose mail goes the real way: SMTP in, IMAP out. */
export class Customer {
  constructor(readonly address: string) {}

  async send(mail: SendMailOptions): Promise<void> {
    const url = new URL(testSmtpUrl());
    const transport = createTransport({ host: url.hostname, port: Number(url.port), secure: false, ignoreTLS: true });
    await transport.sendMail({ from: this.address, ...mail });
    transport.close();
  }

  /** Raw bytes with an envelope of our choice. */
  async sendRaw(to: string, raw: string | Buffer): Promise<void> {
    await this.send({ envelope: { from: this.address, to: [to] }, raw });
  }

  /** Waits for as many mails as expected and returns all that lie there, as text. */
  async receive(count: number, folder = 'INBOX'): Promise<string[]> {
    return await waitFor(
      async () => {
        const mails = await readFolder(this.address, folder);
        return mails.length >= count ? mails : undefined;
      },
      { timeoutMs: 40_000, everyMs: 200, describe: `${count} mails in ${folder} of ${this.address}` },
    );
  }
}

export async function withImap<T>(address: string, work: (client: ImapFlow) => Promise<T>): Promise<T> {
  const url = new URL(testImapUrl());
  const client = new ImapFlow({
    host: url.hostname,
    port: Number(url.port),
    secure: false,
    doSTARTTLS: false,
    auth: { user: address, pass: address },
    logger: false,
  });
  client.on('error', () => client.close());
  await client.connect();
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** Every mail of a folder; none where the folder does not exist. */
export async function readFolder(address: string, folder: string): Promise<string[]> {
  return await withImap(address, async (client) => {
    if (!(await client.list()).some(({ path }) => path === folder)) return [];
    const box = await client.mailboxOpen(folder, { readOnly: true });
    if (box.exists === 0) return [];
    const found = await client.fetchAll('1:*', { source: true });
    return found.map(({ source }) => source?.toString() ?? '');
  });
}
