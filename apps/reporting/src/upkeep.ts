import type { Logger } from '#observability';

const everyMs = 60_000;

/** Does each job once a minute, beside the consumers and the API. Never rejects: what fails is tried again a minute later. */
export class Upkeep {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly jobs: Readonly<Record<string, () => Promise<void>>>,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.turn(), everyMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async turn(): Promise<void> {
    for (const [job, run] of Object.entries(this.jobs)) {
      try {
        await run();
      } catch (error) {
        this.logger.warn({ err: error, job }, 'a job of reporting failed');
      }
    }
  }
}
