import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface ProviderRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
}

export interface ProviderAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/**
 * What to do with the next request instead of serving it: answer a failure, hang up without having taken it, or take it and hang up
 * before the answer has left, or never say anything.
 */
export type Fault = ProviderAnswer | 'hang_up' | 'take_and_hang_up' | 'take_and_say_nothing';

/** Something that a customer's device shows. */
export interface Received {
  /** The customer as the provider knows him: a number, an id, the comment that is answered. */
  readonly to: string;
  /** Our number, page or account, where the provider names it. */
  readonly from?: string;
  readonly text: string;
  /** The message that it is shown below. */
  readonly inReplyTo?: string;
}

/** Where a simulator tells what customers have received, as a list; no provider has such a path. */
export const receivedPath = '/simulator/received';

/** The HTTP side of a simulated provider on 127.0.0.1. */
export class ProviderServer {
  private readonly server = createServer((request, response) => void this.serve(request, response));
  private readonly faults: Fault[] = [];
  private readonly telling = new Set<Promise<unknown>>();

  constructor(
    private readonly answer: (request: ProviderRequest) => Promise<ProviderAnswer> | ProviderAnswer,
    private readonly received: () => readonly Received[],
  ) {}

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async listen(port = 0): Promise<void> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** Waits for what is being told, then hangs up. */
  async close(): Promise<void> {
    await Promise.all(this.telling);
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  failNext(...faults: readonly Fault[]): void {
    this.faults.push(...faults);
  }

  /** Something that the provider says by itself, e.g. what became of a message. What nobody takes is lost, as it is there. */
  tell(report: Promise<unknown>): void {
    const told = Promise.allSettled([report]).finally(() => this.telling.delete(told));
    this.telling.add(told);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await buffer(request);
    if (request.url === receivedPath) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.received()));
      return;
    }
    const fault = this.faults.shift();
    const { method = 'GET', headers } = request;
    const take = async () => await this.answer({ method, headers, bytes, url: new URL(request.url ?? '/', this.url) });
    if (typeof fault === 'string') {
      if (fault !== 'hang_up') await take();
      if (fault !== 'take_and_say_nothing') request.socket.destroy();
      return;
    }
    const { status, headers: more, body } = fault ?? (await take());
    response.writeHead(status, more).end(body);
  }
}
