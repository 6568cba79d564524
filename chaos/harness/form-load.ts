import { setTimeout as delay } from 'node:timers/promises';
import { Acknowledged } from './acknowledged.js';

interface FormLoadOptions {
  readonly url: () => string;
  readonly perSecond: number;
  readonly file: string;
  readonly onAcknowledged?: ((id: string) => void) | undefined;
}

const maxOpen = 200;

/** Customers who fill in the form at a steady rate; each answer of 202 is written down. */
export class FormLoad {
  readonly acknowledged: Acknowledged;
  /** Answers and failures by status; `0` where no answer came. */
  readonly answers = new Map<number, number>();
  /** Milliseconds from question to answer, in the order of the answers. */
  readonly delays: number[] = [];
  private readonly open = new Set<Promise<void>>();
  private running = true;
  private readonly loop: Promise<void>;

  constructor(private readonly options: FormLoadOptions) {
    this.acknowledged = new Acknowledged(options.file);
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.loop;
    await Promise.all(this.open);
    this.acknowledged.close();
  }

  private async run(): Promise<void> {
    const startedAt = performance.now();
    for (let number = 1; this.running; number++) {
      const due = startedAt + (number * 1000) / this.options.perSecond;
      const wait = due - performance.now();
      if (wait > 0) await delay(wait);
      // A generator that lags behind must not catch up in one burst.
      if (this.open.size >= maxOpen) await Promise.race(this.open);
      const request = this.post(number).finally(() => this.open.delete(request));
      this.open.add(request);
    }
  }

  private async post(number: number): Promise<void> {
    let status = 0;
    const askedAt = performance.now();
    try {
      const answer = await fetch(`${this.options.url()}/api/v1/feedback`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          name: `Khách hàng ${number % 500}`,
          email: `khach${number % 500}@donvi.example`,
          message: `Phản ánh số ${number}: đường truyền chập chờn.`,
        }),
        signal: AbortSignal.timeout(10_000),
      });
      status = answer.status;
      const body = (await answer.json()) as { id: string };
      if (status === 202) {
        this.acknowledged.add(body.id);
        this.options.onAcknowledged?.(body.id);
      }
    } catch {
      // No answer, or half of one: nothing was promised, so nothing is owed. Counted under 0.
      status = 0;
    }
    this.delays.push(performance.now() - askedAt);
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
  }
}
