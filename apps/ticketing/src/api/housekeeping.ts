import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER } from '#http';
import { OriginalReader } from '#kafka';
import type { Logger } from '#observability';
import { IdempotencyRepository } from '../store/idempotency.repository.js';
import { LoginThrottle } from '../store/login-throttle.js';
import { RefreshTokenRepository } from '../store/refresh-token.repository.js';
import { UploadRepository } from '../store/upload.repository.js';

const everyMs = 3_600_000;

/** Removes what has expired, hourly; any number of replicas may do it. And holds the reader of originals open. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly refreshTokens: RefreshTokenRepository,
    private readonly throttle: LoginThrottle,
    private readonly keys: IdempotencyRepository,
    private readonly uploads: UploadRepository,
    private readonly originals: OriginalReader,
  ) {}

  onApplicationBootstrap(): void {
    this.originals.start();
    this.timer = setInterval(() => {
      this.working = this.sweep();
    }, everyMs);
    this.timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([this.working, this.originals.close()]);
  }

  async sweep(): Promise<void> {
    try {
      await this.refreshTokens.removeExpired();
      await this.throttle.removeExpired();
      await this.keys.removeExpired();
      await this.uploads.removeExpired();
    } catch (error) {
      this.logger.warn({ err: error }, 'what has expired could not be removed; the next round will');
    }
  }
}
