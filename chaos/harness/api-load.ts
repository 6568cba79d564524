import { setTimeout as delay } from 'node:timers/promises';

interface Read {
  readonly url: string;
  readonly token: string;
}

/** People who look at screens: each address is asked ten times a second. */
export class ApiLoad {
  answers = 0;
  failures = 0;
  private running = true;
  private readonly loops: Promise<unknown>;

  constructor(reads: readonly Read[]) {
    this.loops = Promise.all(reads.map((read) => this.repeat(read)));
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.loops;
  }

  private async repeat({ url, token }: Read): Promise<void> {
    while (this.running) {
      try {
        const answer = await fetch(url, {
          headers: { authorization: `Bearer ${token}` },
          signal: AbortSignal.timeout(10_000),
        });
        await answer.arrayBuffer();
        this.answers += 1;
        if (!answer.ok) this.failures += 1;
      } catch {
        // Counted: a read without an answer is a failure of the run.
        this.failures += 1;
      }
      await delay(100);
    }
  }
}
