import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const lookEveryMs = 200;
/** As the failure threshold of a cluster's probes. */
const lateProbesUntilUnready = 3;

interface Backend {
  readonly url: string;
  readonly agent: Agent;
  ready: boolean;
}

/** What a cluster's Service does: sends each request to a replica that says it is ready, in turn, over connections that stay open. */
export class Balancer {
  private readonly backends: readonly Backend[];
  private turn = 0;
  private running = true;
  private looking: Promise<unknown> = Promise.resolve();
  /** Requests that no ready replica was there for, or that broke on the way. */
  readonly failures: string[] = [];
  passed = 0;

  private constructor(
    private readonly server: Server,
    urls: readonly string[],
  ) {
    this.backends = urls.map((url) => ({ url, agent: new Agent({ keepAlive: true }), ready: true }));
  }

  static async start(urls: readonly string[]): Promise<Balancer> {
    // Longer than its clients keep theirs: a connection must not close under a request that is on its way.
    const server = createServer({ keepAliveTimeout: 60_000 });
    const balancer = new Balancer(server, urls);
    server.on('request', (incoming: IncomingMessage, answer: ServerResponse) => balancer.pass(incoming, answer));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    balancer.looking = Promise.all(balancer.backends.map((backend) => balancer.look(backend)));
    return balancer;
  }

  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the balancer does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    this.running = false;
    await this.looking;
    for (const { agent } of this.backends) agent.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async look(backend: Backend): Promise<void> {
    for (let late = 0; this.running; await delay(lookEveryMs)) {
      const answer = await readiness(backend.url);
      late = answer === 'late' ? late + 1 : 0;
      if (answer !== 'late') backend.ready = answer === 'ready';
      else if (late === lateProbesUntilUnready) backend.ready = false;
    }
  }

  private pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const ready = this.backends.filter((backend) => backend.ready);
    const backend = ready[this.turn++ % Math.max(1, ready.length)];
    if (backend === undefined) return this.fail(answer, 'no replica is ready');
    const outgoing = request(`${backend.url}${incoming.url ?? ''}`, {
      method: incoming.method ?? 'GET',
      headers: incoming.headers,
      agent: backend.agent,
    });
    outgoing.on('response', (response) => {
      this.passed += 1;
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
      response.on('error', (error) => this.fail(answer, error.message));
    });
    outgoing.on('error', (error) => this.fail(answer, `${backend.url}: ${error.message}`));
    answer.on('close', () => {
      if (!answer.writableFinished) outgoing.destroy(new Error('the client gave up waiting'));
    });
    incoming.pipe(outgoing);
  }

  private fail(answer: ServerResponse, what: string): void {
    this.failures.push(what);
    if (answer.headersSent) answer.destroy();
    else answer.writeHead(502).end();
  }
}

async function readiness(url: string): Promise<'ready' | 'not ready' | 'late'> {
  try {
    return (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(1_000) })).ok ? 'ready' : 'not ready';
  } catch (error) {
    // A refused connection is an answer, a slow one may only be a busy machine.
    return error instanceof Error && error.name === 'TimeoutError' ? 'late' : 'not ready';
  }
}
