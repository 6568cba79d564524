import { Rounds } from '#intake';
import { counter, type Logger } from '#observability';
import type { UpdateRepository } from './store/update.repository.js';

const gaps = counter({
  name: 'phanhoi_social_update_gaps_total',
  help: 'Updates of a network that numbers them which have not come, by account',
  labelNames: ['account'],
});

const everyMs = 5_000;
/** After the last update: longer than a gap takes to be one. Who has no such network asks the database nothing. */
const watchedForMs = 10 * 60_000;
/** While the database is away; what is beyond is not watched. */
const maxWaiting = 50_000;

/** Watches the numbers of updates for gaps, across replicas and beside the requests: it never delays or refuses one. */
export class UpdateLedger extends Rounds {
  private readonly waiting = new Map<string, { readonly account: string; readonly updateId: number }>();
  private notedAt = 0;

  constructor(
    private readonly repository: Pick<UpdateRepository, 'noteUpdates' | 'claimGaps' | 'removeOld'>,
    private readonly logger: Logger,
  ) {
    super(everyMs);
  }

  note(account: string, updateId: number): void {
    this.notedAt = Date.now();
    if (this.waiting.size < maxWaiting) this.waiting.set(`${account}:${updateId}`, { account, updateId });
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.flush();
  }

  protected override async run(): Promise<void> {
    if (Date.now() - this.notedAt < watchedForMs) await this.flush();
  }

  /** Never rejects: what could not be written is written next time. */
  async flush(): Promise<void> {
    const noted = [...this.waiting];
    try {
      await this.repository.noteUpdates(noted.map(([, update]) => update));
      for (const [key] of noted) this.waiting.delete(key);
      for (const gap of await this.repository.claimGaps()) {
        gaps.inc({ account: gap.account }, gap.to - gap.from + 1);
        this.logger.error(gap, 'updates are missing: the network numbered them, but they have not come');
      }
      await this.repository.removeOld();
    } catch (error) {
      this.logger.warn({ err: error, waiting: this.waiting.size }, 'update numbers wait for the database');
    }
  }
}
