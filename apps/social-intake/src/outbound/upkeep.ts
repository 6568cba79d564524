import { Rounds } from '#intake';
import type { Logger } from '#observability';
import type { AccountDirectory } from '../source/account-directory.js';

const everyMs = 60_000;

/** Lets networks do in time what answers need later: renew tokens that end. */
export class Upkeep extends Rounds {
  constructor(
    private readonly directory: Pick<AccountDirectory, 'accounts'>,
    private readonly logger: Logger,
  ) {
    super(everyMs);
  }

  /** The first round at once: a token may have ended while nobody ran. */
  override start(): void {
    super.start();
    this.next();
  }

  protected override async run(): Promise<void> {
    for (const { id, network } of this.directory.accounts) {
      try {
        await network.keep?.();
      } catch (error) {
        this.logger.warn({ err: error, account: id }, 'an account could not be kept ready for answers, trying again');
      }
    }
  }
}
