import net from 'node:net';

export interface TcpProxyOptions {
  /** Where to listen on 127.0.0.1; default any free port. */
  readonly port?: number;
  readonly target: { readonly host?: string; readonly port: number };
}

interface Link {
  readonly client: net.Socket;
  readonly server: net.Socket;
  /** Bytes of the request since the last answer. */
  requestBytes: number;
  /** Swallows everything in both directions: a half-open connection. */
  isSilent: boolean;
}

export interface AnswersToDrop {
  readonly times: number;
  /** Drops only each so-many-th of them, so that work goes on in between; default 1. */
  readonly every?: number;
  /** Only answers to requests of at least so many bytes count, so that handshakes pass; default 0. */
  readonly afterRequestBytes?: number;
  /** Then the connection is cut (the client learns at once) or falls silent (the client has to time out); default cut. */
  readonly then?: 'cut' | 'silence';
}

/** Stands before a server and spoils the network: delays, cuts, half-open connections, answers that never arrive. */
export class TcpProxy {
  /** Milliseconds by which every chunk is late, each way. */
  delayMs = 0;
  readonly #links = new Set<Link>();
  #refuses = false;
  #isFrozen = false;
  #drop: Required<AnswersToDrop> = { times: 0, every: 1, afterRequestBytes: 0, then: 'cut' };
  #answers = 0;

  private constructor(
    private readonly server: net.Server,
    private readonly target: TcpProxyOptions['target'],
  ) {
    server.on('connection', (client) => this.#accept(client));
  }

  static async start({ port = 0, target }: TcpProxyOptions): Promise<TcpProxy> {
    const server = net.createServer({ allowHalfOpen: false, noDelay: true });
    const proxy = new TcpProxy(server, target);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return address.port;
  }

  get connections(): number {
    return this.#links.size;
  }

  get answersLeftToDrop(): number {
    return this.#drop.times;
  }

  /** Ends every connection at once. */
  cut(): void {
    for (const link of this.#links) end(link);
  }

  /** From now on connections are closed as soon as they are made. */
  refuse(): void {
    this.#refuses = true;
    this.cut();
  }

  /** From now on nothing passes, while the connections stay open: what a client sees of a host that lost its network. */
  freeze(): void {
    this.#isFrozen = true;
    for (const link of this.#links) link.isSilent = true;
  }

  /** New connections work again; those of the frozen time stay silent, as they would. */
  restore(): void {
    this.#refuses = false;
    this.#isFrozen = false;
    this.delayMs = 0;
  }

  /** Requests arrive, their answers do not. */
  dropAnswers(drop: AnswersToDrop): void {
    this.#drop = { every: 1, afterRequestBytes: 0, then: 'cut', ...drop };
    this.#answers = 0;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.cut();
    await closed;
  }

  #accept(client: net.Socket): void {
    if (this.#refuses) return void client.destroy();
    const server = net.connect({ host: this.target.host ?? '127.0.0.1', port: this.target.port, noDelay: true });
    const link: Link = { client, server, requestBytes: 0, isSilent: this.#isFrozen };
    this.#links.add(link);
    client.on('data', (chunk: Buffer) => {
      link.requestBytes += chunk.length;
      this.#pass(link, server, chunk);
    });
    server.on('data', (chunk: Buffer) => {
      if (!this.#drops(link)) this.#pass(link, client, chunk);
      link.requestBytes = 0;
    });
    for (const socket of [client, server]) {
      // Either side's error ends the other side, which is how the peer learns of it.
      socket.on('error', () => end(link));
      socket.on('close', () => {
        end(link);
        this.#links.delete(link);
      });
    }
  }

  #drops(link: Link): boolean {
    if (this.#drop.times <= 0 || link.requestBytes < this.#drop.afterRequestBytes || link.isSilent) return false;
    this.#answers += 1;
    if (this.#answers % this.#drop.every !== 0) return false;
    this.#drop = { ...this.#drop, times: this.#drop.times - 1 };
    if (this.#drop.then === 'cut') end(link);
    else link.isSilent = true;
    return true;
  }

  #pass(link: Link, to: net.Socket, chunk: Buffer): void {
    if (link.isSilent) return;
    if (this.delayMs === 0) return void to.write(chunk);
    setTimeout(() => {
      if (!link.isSilent && !to.destroyed) to.write(chunk);
    }, this.delayMs);
  }
}

function end({ client, server }: Link): void {
  client.destroy();
  server.destroy();
}
