import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Mailbox } from '../accounts.js';
import { mailboxesOf } from '../accounts.js';
import type { SendOutcome } from '#intake';
import type { SignIn } from '../sign-in/sign-ins.js';
import { SmtpSession } from './smtp-session.js';

const signIn: SignIn = { secret: async () => ({ password: 'secret' }), refused: () => undefined };

/** A mail server that answers as told: by command, a reply line, silence, or the end of the connection. */
type Script = Partial<Record<'greeting' | 'EHLO' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'body' | 'RSET', string>>;

const defaults: Required<Script> = {
  greeting: '220 test ESMTP',
  EHLO: '250-test\r\n250 AUTH PLAIN',
  AUTH: '235 ok',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  body: '250 queued as 1',
  RSET: '250 ok',
};

class ScriptedServer {
  readonly mails: string[] = [];
  connections = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(script: Script): Promise<ScriptedServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const scripted = new ScriptedServer(server, typeof address === 'object' && address !== null ? address.port : 0);
    server.on('connection', (socket) => scripted.serve(socket, { ...defaults, ...script }));
    return scripted;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private serve(socket: Socket, script: Required<Script>): void {
    this.connections++;
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    const answer = (line: string) => {
      if (line === 'hang up') socket.destroy();
      else if (line !== 'silence') socket.write(`${line}\r\n`);
    };
    let body: string | undefined;
    let input = '';
    answer(script.greeting);
    socket.on('data', (chunk) => {
      input += chunk.toString();
      for (let end = input.indexOf('\r\n'); end !== -1; end = input.indexOf('\r\n')) {
        const line = input.slice(0, end);
        input = input.slice(end + 2);
        if (body === undefined) {
          const command = line.slice(0, 4).toUpperCase();
          if (command === 'DATA' && script.DATA.startsWith('354')) body = '';
          if (command === 'QUIT') answer('221 bye');
          else answer(script[command as keyof Script] ?? '502 what');
        } else if (line === '.') {
          this.mails.push(body);
          body = undefined;
          answer(script.body);
        } else {
          body += `${line}\r\n`;
        }
      }
    });
  }
}

function mailboxAt(port: number): Mailbox {
  const [mailbox] = mailboxesOf([
    {
      id: 'support',
      channel: 'email',
      provider: 'imap',
      address: 'support@care.example.vn',
      credentials: { user: 'u', password: 'p' },
      options: { imap: { host: '127.0.0.1', port: 1 }, smtp: { host: '127.0.0.1', port, tls: 'none' } },
    },
  ]);
  if (mailbox === undefined) throw new Error('no mailbox');
  return mailbox;
}

const mail = {
  messageId: '<1@care.example.vn>',
  envelope: { from: 'support@care.example.vn', to: ['lan@school.example.vn'] },
  bytes: Buffer.from('Subject: x\r\n\r\nXin chao\r\n'),
};

describe('what became of a mail', () => {
  it.each<[string, Script, Partial<SendOutcome>]>([
    ['taken', {}, { kind: 'sent' }],
    ['a busy server', { greeting: '421 busy' }, { kind: 'not_sent', permanent: false }],
    [
      'a server that hangs up at once',
      { greeting: 'hang up' },
      { kind: 'not_sent', code: 'connection_refused', permanent: false },
    ],
    ['a wrong password', { AUTH: '535 no' }, { kind: 'not_sent', code: 'authentication_failed', permanent: false }],
    ['greylisting', { RCPT: '450 later' }, { kind: 'not_sent', code: 'temporarily_rejected', permanent: false }],
    [
      'an unknown recipient',
      { RCPT: '550 5.1.1 no such user' },
      { kind: 'not_sent', code: 'recipient_rejected', permanent: true },
    ],
    ['a refused sender', { MAIL: '553 not you' }, { kind: 'not_sent', permanent: true }],
    ['a refusal of DATA', { DATA: '451 later' }, { kind: 'not_sent', code: 'temporarily_rejected', permanent: false }],
    ['a connection lost before DATA', { DATA: 'hang up' }, { kind: 'not_sent', permanent: false }],
    ['a refusal of the content', { body: '554 spam' }, { kind: 'not_sent', code: 'message_rejected', permanent: true }],
    [
      'a deferral of the content',
      { body: '451 later' },
      { kind: 'not_sent', code: 'temporarily_rejected', permanent: false },
    ],
    [
      'a content that is too large',
      { body: '552 too large' },
      { kind: 'not_sent', code: 'message_too_large', permanent: true },
    ],
    ['a connection lost after the last dot', { body: 'hang up' }, { kind: 'uncertain' }],
    ['a 421 after the last dot', { body: '421 going down' }, { kind: 'uncertain' }],
  ])('%s', async (_name, script, expected) => {
    const server = await ScriptedServer.start(script);
    const session = new SmtpSession(mailboxAt(server.port), signIn);
    const outcome = await session.send(mail);
    session.close();
    await server.stop();
    expect(outcome).toMatchObject(expected);
  });

  it('no server at all is certainly not sent', async () => {
    const server = await ScriptedServer.start({});
    await server.stop();
    expect(await new SmtpSession(mailboxAt(server.port), signIn).send(mail)).toMatchObject({
      kind: 'not_sent',
      code: 'connection_refused',
      permanent: false,
    });
  });

  it('a server without STARTTLS is refused where it is required', async () => {
    const server = await ScriptedServer.start({});
    const mailbox = mailboxAt(server.port);
    const strict = {
      ...mailbox,
      options: { ...mailbox.options, smtp: { ...mailbox.options.smtp, tls: 'starttls' as const } },
    };
    const session = new SmtpSession(strict, signIn);
    expect(await session.send(mail)).toMatchObject({ kind: 'not_sent', code: 'tls_required' });
    session.close();
    await server.stop();
    expect(server.mails).toEqual([]);
  });

  it('one connection serves several mails, and is made again when it has died', async () => {
    const server = await ScriptedServer.start({});
    const session = new SmtpSession(mailboxAt(server.port), signIn);
    await session.send(mail);
    await session.send(mail);
    expect([server.connections, server.mails.length]).toEqual([1, 2]);
    await server.stop();
    const next = await ScriptedServer.start({ RSET: 'hang up' });
    const other = new SmtpSession(mailboxAt(next.port), signIn);
    await other.send(mail);
    expect(await other.send(mail)).toMatchObject({ kind: 'sent' });
    expect(next.connections).toBe(2);
    session.close();
    other.close();
    await next.stop();
  });
});
