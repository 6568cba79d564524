import { setTimeout as delay } from 'node:timers/promises';
import { topics } from '#contracts';
import { readMetric } from './metric.js';

/** Counts, over the lives of processes, how often a consumer was handed a feedback that it had stored before. */
export class RedeliveryWatch {
  private readonly past = new Map<string, number>();
  private readonly last = new Map<string, number>();
  private running = true;
  private readonly looking: Promise<unknown>;

  constructor(urls: readonly string[]) {
    this.looking = Promise.all(urls.map((url) => this.look(url)));
  }

  async stop(): Promise<number> {
    this.running = false;
    await this.looking;
    const sum = (counts: Map<string, number>) => [...counts.values()].reduce((total, count) => total + count, 0);
    return sum(this.past) + sum(this.last);
  }

  private async look(url: string): Promise<void> {
    while (this.running) {
      const count = await readMetric(url, 'phanhoi_kafka_consumer_outcomes_total', {
        topic: topics.feedbackReceived,
        kind: 'drop',
        reason: 'duplicate',
      });
      const before = this.last.get(url) ?? 0;
      // A lower count is a new process's.
      if (count !== undefined && count < before) this.past.set(url, (this.past.get(url) ?? 0) + before);
      if (count !== undefined) this.last.set(url, count);
      await delay(200);
    }
  }
}
