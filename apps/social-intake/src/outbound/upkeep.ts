import type { Logger } from '#observability';
import type { AccountDirectory } from '../source/account-directory.js';

const everyMs = 60_000;

/** Lets networks do in time what answers need later: renew tokens that end. */
export class Upkeep {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly directory: Pick<AccountDirectory, 'accounts'>,
    private readonly logger: Logger,
  ) {}

  start(): void {
    const turn = () => {
      this.running = this.running.then(() => this.run());
    };
    this.timer = setInterval(turn, everyMs);
    this.timer.unref();
    turn();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    for (const { id, network } of this.directory.accounts) {
      try {
        await network.keep?.();
      } catch (error) {
        this.logger.warn({ err: error, account: id }, 'an account could not be kept ready for answers, trying again');
      }
    }
  }
}
