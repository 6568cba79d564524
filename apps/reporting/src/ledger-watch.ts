import { gauge, type Logger } from '#observability';
import { settleLedger } from './domain/ledger.js';
import type { LedgerRepository } from './store/ledger.repository.js';

const unsettled = gauge({
  name: 'phanhoi_ledger_unsettled',
  help: 'Of the last 24 hours: inputs and records whose end is not known (unbalanced), events not read (missing), windows cut off (incomplete)',
  labelNames: ['source', 'why'],
});

const everyMs = 60_000;
const windowMs = 24 * 3_600_000;
/** What is under way is not missing: counts of intakes come at most this late. */
const restMs = 2 * 60_000;

/** Shows as metrics what `GET /api/v1/ledger` would say, so that an alert can rest on it. */
export class LedgerWatch {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ledger: Pick<LedgerRepository, 'sums' | 'cutOffs' | 'removeOld'>,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.look(), everyMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Never rejects: without a database the last values stay. */
  async look(now = Date.now()): Promise<void> {
    try {
      const [from, to] = [new Date(now - windowMs), new Date(now - restMs)];
      const [sums, cutOffs] = await Promise.all([
        this.ledger.sums(from, to, null),
        this.ledger.cutOffs(from, to, null),
      ]);
      unsettled.reset();
      for (const { source, intake, consumers, incomplete } of settleLedger(sums, cutOffs).sources) {
        const sides = [intake, ...consumers].filter(({ balanced }) => !balanced).length;
        const missing = Math.max(...consumers.map((consumer) => consumer.missing));
        unsettled.set({ source, why: 'unbalanced' }, sides);
        unsettled.set({ source, why: 'missing' }, missing);
        unsettled.set({ source, why: 'incomplete' }, incomplete.filter(({ settled }) => !settled).length);
      }
      await this.ledger.removeOld();
    } catch (error) {
      this.logger.warn({ err: error }, 'the ledger could not be looked at');
    }
  }
}
