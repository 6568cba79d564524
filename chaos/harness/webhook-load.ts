import { setTimeout as delay } from 'node:timers/promises';
import { postWebhook } from '#testing';
import { Flow } from './flow.js';
import type { Owed } from './invariants.js';
import type { Word } from '../../bench/harness/words.js';

interface WebhookLoadOptions {
  /** What is delivered next; undefined: nothing any more. */
  readonly next: () => Word | undefined;
  readonly perSecond: number;
}

const maxOpen = 200;
/** Networks wait longer; a test has no hour. */
const pauseMs = 1_000;

/** Providers that deliver at a steady rate, each coming again as it does. */
export class WebhookLoad extends Flow {
  /** Words that were taken at least once. */
  readonly taken = new Set<string>();
  /** Words that a provider does not bring again, although nobody took them. */
  readonly givenUp = new Set<string>();
  /** Answers by status; `0` where no answer came. */
  override readonly answers = new Map<number, number>();
  private readonly open = new Set<Promise<void>>();
  private running = true;
  private readonly loop: Promise<void>;

  constructor(private readonly options: WebhookLoadOptions) {
    super();
    this.loop = this.run();
  }

  /** Resolves once nothing is left, and what was begun is taken. */
  async done(): Promise<void> {
    await this.loop;
    await Promise.all(this.open);
  }

  override get owed(): Owed {
    return { words: [...this.taken] };
  }

  override async stop(): Promise<void> {
    this.running = false;
    await this.done();
  }

  private async run(): Promise<void> {
    const startedAt = performance.now();
    for (let number = 1; this.running; number++) {
      const word = this.options.next();
      if (word === undefined) return;
      const wait = startedAt + (number * 1000) / this.options.perSecond - performance.now();
      if (wait > 0) await delay(wait);
      if (this.open.size >= maxOpen) await Promise.race(this.open);
      const delivery = this.deliver(word).finally(() => this.open.delete(delivery));
      this.open.add(delivery);
    }
  }

  private async deliver({ word, url, webhook, isRetried }: Word): Promise<void> {
    for (;;) {
      const status = await postWebhook(url, webhook).then(
        (answer) => answer.status,
        // Nobody took it, or went away with it in his hands.
        () => 0,
      );
      this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
      if (status >= 200 && status < 300) {
        this.taken.add(word);
        return;
      }
      if (!isRetried(status)) {
        this.givenUp.add(word);
        return;
      }
      await delay(pauseMs);
    }
  }
}
