import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ImapFlow } from 'imapflow';
import { ensureJars } from './jars.js';
import { ManagedProcess } from './managed-process.js';
import { answers, freePorts } from './ports.js';
import { until } from './until.js';

export interface Mailbox {
  readonly address: string;
  readonly user: string;
  readonly password: string;
}

export interface GreenMailOptions {
  /** For its argument file and its log. */
  readonly dir: string;
  readonly logFile?: string;
  readonly smtpPort?: number;
  readonly imapPort?: number;
  /** Sign-in is checked when given; otherwise any user with any password gets a mailbox of that name. */
  readonly mailboxes?: readonly Mailbox[];
  readonly heapMb?: number;
  readonly say?: (line: string) => void;
}

export interface RunningGreenMail {
  readonly pid: number;
  readonly smtpUrl: string;
  readonly imapUrl: string;
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** A local SMTP and IMAP server that keeps mail in memory: what is in it dies with it. Its HTTP API stays off. */
export async function startGreenMail(options: GreenMailOptions): Promise<RunningGreenMail> {
  const dir = resolve(options.dir);
  const { java, greenMailJar } = await ensureJars(options.say ?? (() => undefined));
  const [first, second] = await freePorts(2);
  const smtpPort = options.smtpPort ?? first;
  const imapPort = options.imapPort ?? second;
  if (smtpPort === undefined || imapPort === undefined) throw new Error('no free port');
  const settings = {
    'greenmail.smtp.port': String(smtpPort),
    'greenmail.smtp.hostname': '127.0.0.1',
    'greenmail.imap.port': String(imapPort),
    'greenmail.imap.hostname': '127.0.0.1',
    // Answers to support+token@… lie in the mailbox of support@…, as on any real server.
    'greenmail.sieve.ignore.detail': 'true',
    ...(options.mailboxes === undefined
      ? { 'greenmail.auth.disabled': '' }
      : { 'greenmail.users': options.mailboxes.map(asUser).join(','), 'greenmail.users.login': 'email' }),
  };
  const argumentFile = join(dir, 'greenmail.args');
  await mkdir(dirname(argumentFile), { recursive: true });
  // Passwords on the command line could be read by every user of the machine.
  const lines = [
    `-Xmx${options.heapMb ?? 256}m`,
    ...Object.entries(settings).map(([name, value]) => `-D${name}${value && `=${value}`}`),
  ];
  await writeFile(argumentFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  const server = await ManagedProcess.start({
    name: 'GreenMail',
    command: java,
    args: [`@${argumentFile}`, '-jar', greenMailJar],
    cwd: dir,
    logFile: options.logFile ?? join(dir, 'greenmail.log'),
    graceMs: 5_000,
  });
  const up = async () => (await answers(smtpPort, /^220/)) && (await answers(imapPort, /^\* OK/));
  await server.orFailure(until(up, { what: 'the mail server', timeoutMs: 60_000 }));
  for (const mailbox of options.mailboxes ?? []) await makeSentFolder(imapPort, mailbox);
  return {
    pid: server.pid,
    smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
    imapUrl: `imap://127.0.0.1:${imapPort}`,
    exited: server.exited,
    stop: () => server.stop(),
    kill: () => server.kill(),
  };
}

function asUser({ address, password }: Mailbox): string {
  const [local, domain] = address.split('@');
  return `${local}:${password}@${domain}`;
}

/** Real providers have the folder from the first day on; GreenMail makes an INBOX only. */
async function makeSentFolder(port: number, { user, password }: Mailbox): Promise<void> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port,
    secure: false,
    auth: { user, pass: password },
    logger: false,
  });
  await client.connect();
  await client.mailboxCreate('Sent');
  await client.logout();
}
