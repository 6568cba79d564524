import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TcpProxy } from '#testing';
import { freePorts, type RunningKafka, startKafka } from '../../../tools/platform/index.js';

/** A broker of the test's own behind a proxy that clients cannot get round, since the broker names it as its address. */
export class OwnBroker {
  private constructor(
    readonly proxy: TcpProxy,
    private readonly dir: string,
    private readonly ports: readonly [number, number],
    private running: RunningKafka,
  ) {}

  static async start(): Promise<OwnBroker> {
    const dir = await mkdtemp(join(tmpdir(), 'phanhoi-kafka-'));
    const [port = 0, controllerPort = 0] = await freePorts(2);
    const proxy = await TcpProxy.start({ target: { port } });
    return new OwnBroker(proxy, dir, [port, controllerPort], await run(dir, [port, controllerPort], proxy));
  }

  get brokers(): string[] {
    return [`127.0.0.1:${this.proxy.port}`];
  }

  async kill(): Promise<void> {
    await this.running.kill();
  }

  async startAgain(): Promise<void> {
    this.running = await run(this.dir, this.ports, this.proxy);
  }

  async close(): Promise<void> {
    await this.running.kill();
    await this.proxy.close();
    await rm(this.dir, { recursive: true, force: true });
  }
}

function run(dir: string, [port, controllerPort]: readonly [number, number], proxy: TcpProxy): Promise<RunningKafka> {
  const settings = { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${proxy.port}` };
  return startKafka({ dir, port, controllerPort, settings, heapMb: 256 });
}
