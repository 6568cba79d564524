import {
  type Fault,
  type ProviderAnswer,
  type ProviderRequest,
  ProviderServer,
  type Received,
} from './provider-server.js';

/** What every simulated provider has: one HTTP server, faults on demand, and an end that waits for what it still has to tell. */
export abstract class ProviderSimulator {
  protected readonly server = new ProviderServer(
    (request) => this.answer(request),
    () => this.received,
  );

  /** What customers have received, oldest first; also told at `receivedPath`. */
  abstract get received(): readonly Received[];

  /** Where its API is. */
  get api(): string {
    return this.server.url;
  }

  static async start<Simulator extends ProviderSimulator, Parameters extends readonly unknown[]>(
    this: new (
      ...parameters: Parameters
    ) => Simulator,
    ...parameters: Parameters
  ): Promise<Simulator> {
    const simulator = new this(...parameters);
    await simulator.listen();
    return simulator;
  }

  async listen(port?: number): Promise<void> {
    await this.server.listen(port);
  }

  async close(): Promise<void> {
    await this.server.close();
  }

  failNext(...faults: readonly Fault[]): void {
    this.server.failNext(...faults);
  }

  protected abstract answer(request: ProviderRequest): ProviderAnswer | Promise<ProviderAnswer>;
}
