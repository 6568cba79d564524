import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import { TcpProxy, waitFor } from '#testing';
import { type RunningDovecot, startDovecot } from '../../bench/harness/dovecot.js';
import { missingMails } from './invariants.js';
import { letter, type LetterOptions } from './letters.js';
import { World, type WorldOptions } from './world.js';

export interface MailboxOptions extends Pick<WorldOptions, 'env'> {
  /** Where answers go; nobody listens by default. */
  readonly smtpPort?: number;
  /** From which day on a new mailbox is read; "now" when absent. */
  readonly since?: string;
  /** What lies in the mailbox before the services start. */
  readonly before?: (mailbox: Mailbox) => Promise<void>;
}

interface FolderReport {
  readonly folder: string;
  readonly state: string;
  readonly lag?: number;
  readonly lastError?: string;
}

const user = 'support';

/** The mailbox of the platform on a real Dovecot, behind a proxy that stays when Dovecot is stopped. */
export class Mailbox {
  /** Message-IDs of what was delivered and must come onto tickets. */
  readonly owed: string[] = [];
  private written = 0;
  private password = randomBytes(12).toString('hex');

  private constructor(
    readonly dir: string,
    readonly proxy: TcpProxy,
    private dovecot: RunningDovecot,
  ) {}

  static async open(): Promise<Mailbox> {
    const dir = await mkdtemp(join(tmpdir(), 'phanhoi-mailbox-'));
    await chmod(dir, 0o755);
    const password = randomBytes(12).toString('hex');
    const dovecot = await startDovecot({ dir, password });
    const mailbox = new Mailbox(dir, await TcpProxy.start({ target: { port: dovecot.port } }), dovecot);
    mailbox.password = password;
    return mailbox;
  }

  /** Delivers so many letters as another mail server would; they are owed from now on. */
  async deliver(count: number, options: LetterOptions & { readonly filedAt?: Date } = {}): Promise<void> {
    const letters = Array.from({ length: count }, () => letter(++this.written, options));
    await this.dovecot.deliver(
      user,
      letters.map(({ raw }) => raw),
      options.filedAt,
    );
    this.owed.push(...letters.map(({ messageId }) => messageId));
  }

  /** The server goes away and comes back, with other UIDs when `anew`, with another password when given. */
  async restart(change: { readonly anew?: boolean; readonly password?: string } = {}): Promise<void> {
    const { port } = this.dovecot;
    await this.dovecot.stop();
    if (change.anew === true) await this.forgetUids();
    this.dovecot = await startDovecot({ dir: this.dir, password: change.password ?? this.password, port });
  }

  /** Another client of the same user, not through the proxy. */
  async asColleague<T>(work: (client: ImapFlow) => Promise<T>): Promise<T> {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: this.dovecot.port,
      secure: false,
      doSTARTTLS: false,
      auth: { user, pass: this.password },
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

  /** A colleague deletes all that lies in the inbox; returns how many mails that were. */
  async empty(): Promise<number> {
    return await this.asColleague(async (client) => {
      const { exists } = await client.mailboxOpen('INBOX');
      if (exists > 0) await client.messageDelete('1:*');
      return exists;
    });
  }

  /** For CHANNELS_FILE of email-intake. */
  async channelsFile(options: MailboxOptions): Promise<string> {
    const file = join(this.dir, 'channels.yaml');
    await writeFile(
      file,
      `accounts:
  - id: support
    channel: email
    provider: imap
    address: support@phanhoi.example
    credentials: { user: ${user}, password: ${this.password} }
    options:
      ${options.since === undefined ? '' : `since: ${options.since}`}
      imap: { host: 127.0.0.1, port: ${this.proxy.port}, tls: none }
      smtp: { host: 127.0.0.1, port: ${options.smtpPort ?? 9}, tls: none }
`,
    );
    return file;
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.dovecot.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** Without its lists Dovecot numbers the same mails anew, under another UIDVALIDITY. */
  private async forgetUids(): Promise<void> {
    const folder = this.dovecot.folder(user);
    for (const name of await readdir(folder)) {
      if (name.startsWith('dovecot')) await rm(join(folder, name), { force: true });
    }
  }
}

/** The platform with that mailbox, without forms. */
export class MailboxWorld {
  private readonly token: Promise<string>;

  private constructor(
    readonly world: World,
    readonly mailbox: Mailbox,
  ) {
    this.token = world.token('supervisor');
  }

  static async create(options: MailboxOptions = {}): Promise<MailboxWorld> {
    const mailbox = await Mailbox.open();
    try {
      await options.before?.(mailbox);
      const email = { CHANNELS_FILE: await mailbox.channelsFile(options), MAIL_POLL_SECONDS: '5' };
      const env = { ...options.env, 'email-intake': Object.assign(options.env?.['email-intake'] ?? {}, email) };
      const services = ['email-intake', 'ticketing', 'reporting'] as const;
      return new MailboxWorld(await World.create({ env, services }), mailbox);
    } catch (error) {
      await mailbox.close();
      throw error;
    }
  }

  /** What GET /api/v1/mailboxes shows of the inbox. */
  async inbox(): Promise<FolderReport | undefined> {
    const headers = { authorization: `Bearer ${await this.token}` };
    const answer = await fetch(`${this.world.service('email-intake').url}/api/v1/mailboxes`, { headers });
    const { items } = (await answer.json()) as { items: FolderReport[] };
    return items.find(({ folder }) => folder === 'inbox');
  }

  /** Waits until the inbox is shown in one of the states; returns it with its error. */
  async shown(states: readonly string[], timeoutMs = 60_000): Promise<FolderReport> {
    let last: FolderReport | undefined;
    return await waitFor(
      async () => {
        last = await this.inbox();
        return last !== undefined && states.includes(last.state) ? last : undefined;
      },
      { timeoutMs, everyMs: 50, describe: () => `the inbox to be ${states.join(' or ')}, it is ${last?.state}` },
    );
  }

  /** Mails on tickets. */
  async taken(): Promise<number> {
    const [row] = await this.world.sql<{ count: string }>(
      `select count(distinct provider_message_id) as count from ticketing.messages where direction = 'inbound' and channel = 'email'`,
    );
    return Number(row?.count);
  }

  /** Seconds until all mails that are owed are on tickets. */
  async untilTaken(timeoutMs = 120_000): Promise<number> {
    const startedAt = performance.now();
    let missing = 0;
    await waitFor(async () => (missing = await missingMails(this.world, this.mailbox.owed)) === 0, {
      timeoutMs,
      everyMs: 100,
      describe: () => `mails on tickets, ${missing} are missing`,
    });
    return (performance.now() - startedAt) / 1000;
  }

  async close(): Promise<void> {
    await this.world.close();
    await this.mailbox.close();
  }
}
