import { PublishError, type Publisher } from '#kafka';
import { type Logger, gauge } from '#observability';
import type { Spool } from './spool.js';

const failuresUntilAway = 3;
const probeEveryMs = 1_000;

const awayGauge = gauge({
  name: 'phanhoi_intake_broker_away',
  help: '1 while new events go to the spool without asking the broker',
});

/**
 * Remembers whether the broker is worth waiting for. After three failures in a row it counts as away; from then on one probe a
 * second publishes what lies in front in the spool (the log takes duplicates), and the first one that is acknowledged ends it. Any
 * other row would overtake those of its conversation that lie before it.
 */
export class BrokerGate {
  private failures = 0;
  private probing: NodeJS.Timeout | undefined;
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly publisher: Pick<Publisher, 'publish' | 'available'>,
    private readonly spool: Pick<Spool, 'front'>,
    private readonly logger: Logger,
  ) {}

  get isAway(): boolean {
    return this.probing !== undefined;
  }

  /** Calls back each time that the broker is back. */
  onReturn(listener: () => void): void {
    this.listeners.push(listener);
  }

  succeeded(): void {
    this.failures = 0;
  }

  failed(): void {
    this.failures += 1;
    if (this.failures < failuresUntilAway || this.isAway) return;
    this.logger.warn({ failures: this.failures }, 'the broker does not acknowledge: new events go to the spool');
    awayGauge.set(1);
    this.probeLater();
  }

  close(): void {
    clearTimeout(this.probing);
  }

  private probeLater(): void {
    this.probing = setTimeout(() => void this.probe(), probeEveryMs);
    this.probing.unref();
  }

  private async probe(): Promise<void> {
    if (await this.answers()) {
      this.probing = undefined;
      this.failures = 0;
      awayGauge.set(0);
      this.logger.info('the broker acknowledges again: new events go straight to it');
      for (const listener of this.listeners) listener();
    } else {
      this.probeLater();
    }
  }

  private async answers(): Promise<boolean> {
    const front = await this.spool.front();
    // Nothing lies there (the database was away too): the next caller finds out, within its own second.
    if (front === undefined) return this.publisher.available;
    try {
      await this.publisher.publish([front], { deadlineMs: probeEveryMs });
      return true;
    } catch (error) {
      if (!(error instanceof PublishError)) this.logger.error({ err: error }, 'the probe failed');
      // The broker did answer; what it said concerns this one message.
      return error instanceof PublishError && (error.code === 'too_large' || error.code === 'refused');
    }
  }
}
