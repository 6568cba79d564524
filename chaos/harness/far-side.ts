import type { Socket } from 'node:net';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { type Received, receivedPath } from '#testing';
import { freePort } from '../../tools/platform/index.js';

/** How the customers' mail server behaves once the last byte of an answer has arrived. */
export type Manner =
  /** Takes it and says so. */
  | 'polite'
  /** Takes it and hangs up before it says so. */
  | 'swallows'
  /** Takes it and never says anything. */
  | 'silent'
  /** Refuses the first attempt for a while, takes the second. */
  | 'busy'
  /** Takes it, files a copy in our Sent folder as some providers do, and hangs up before it says so. */
  | 'files';

export interface Arrived {
  readonly to: string;
  readonly messageId: string;
}

interface FarSideOptions {
  /** By recipient. */
  readonly manner: (to: string) => Manner;
  readonly file?: (mail: Buffer) => Promise<void>;
}

/** The customers' mail server: what it has taken lies in the customers' mailboxes, whatever it said about it. */
export class FarSide {
  readonly arrived: Arrived[] = [];
  private readonly sockets = new Map<number, Socket>();
  private readonly refusedOnce = new Set<string>();

  private constructor(
    private readonly options: FarSideOptions,
    private readonly server: SMTPServer,
    readonly port: number,
  ) {}

  static async start(options: FarSideOptions): Promise<FarSide> {
    const port = await freePort();
    const server: SMTPServer = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onAuth: (_auth, _session, done) => done(null, { user: 'support' }),
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => void farSide.take(Buffer.concat(chunks), session, done).catch(done));
      },
    });
    const farSide = new FarSide(options, server, port);
    server.server.on('connection', (socket: Socket) => farSide.remember(socket));
    // A service that is killed in mid-mail resets the connection: part of the fault.
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
    return farSide;
  }

  /** Answers that lie twice or more in some customer's mailbox. */
  get doubled(): number {
    const seen = new Map<string, number>();
    for (const { to } of this.arrived) seen.set(to, (seen.get(to) ?? 0) + 1);
    return [...seen.values()].filter((count) => count > 1).length;
  }

  has(messageId: string): boolean {
    return this.arrived.some((mail) => mail.messageId === messageId);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.values()) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private remember(socket: Socket): void {
    const port = socket.remotePort ?? 0;
    this.sockets.set(port, socket);
    socket.on('close', () => this.sockets.delete(port));
  }

  private async take(mail: Buffer, session: SMTPServerSession, done: (error?: Error | null) => void): Promise<void> {
    const to = session.envelope.rcptTo[0]?.address ?? '';
    const manner = this.options.manner(to);
    if (manner === 'busy' && !this.refusedOnce.has(to)) {
      this.refusedOnce.add(to);
      done(Object.assign(new Error('Too busy, come back later'), { responseCode: 451 }));
      return;
    }
    const messageId = /^message-id:\s*(<[^>]+>)/im.exec(mail.toString('latin1'))?.[1] ?? '';
    this.arrived.push({ to, messageId });
    if (manner === 'files') await this.options.file?.(mail);
    if (manner === 'polite' || manner === 'busy') done();
    else if (manner !== 'silent') this.sockets.get(session.remotePort)?.destroy();
  }
}

/** What customers have received by the networks, as these simulators of them say. */
export async function receivedAt(simulators: readonly string[]): Promise<Received[]> {
  const books = simulators.map(async (url) => (await (await fetch(`${url}${receivedPath}`)).json()) as Received[]);
  return (await Promise.all(books)).flat();
}
