import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER } from '#http';
import type { Logger } from '#observability';
import { Database } from '#postgres';
import { AccountRepository } from '../../store/account.repository.js';

import { API_SETTINGS, type ApiSettings, type BootstrapAccount } from '../settings.js';
import { hashPassword, isPassword } from './password.js';

/** Writes the accounts of BOOTSTRAP_ACCOUNTS, as soon as the database answers; the start does not wait for it. */
@Injectable()
export class BootstrapAccounts implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private working: Promise<void> | undefined;

  constructor(
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly accounts: AccountRepository,
    private readonly database: Database,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.BOOTSTRAP_ACCOUNTS.length > 0) this.working = this.untilDone();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.working;
  }

  private async untilDone(): Promise<void> {
    for (let pauseMs = 200; !this.stopping.signal.aborted; pauseMs = Math.min(pauseMs * 2, 5_000)) {
      try {
        for (const account of this.settings.BOOTSTRAP_ACCOUNTS) await this.write(account);
        return;
      } catch (error) {
        this.logger.warn({ err: error }, 'accounts cannot be written yet');
        await delay(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
  }

  private async write({ email, password, role, name }: BootstrapAccount): Promise<void> {
    const known = await this.accounts.findByEmail(email);
    const same = known !== undefined && known.active && known.role === role && known.name === name;
    if (same && (await isPassword(known.passwordHash, password))) return;
    const passwordHash = await hashPassword(password);
    await this.database.transaction((tx) => this.accounts.upsert(tx, { email, name, role, passwordHash }));
  }
}
