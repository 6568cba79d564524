import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Resolver } from 'node:dns/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { gauge, type Logger } from '#observability';
import type { Mailbox } from '../source/accounts.js';
import { checkSenderDomain, type SenderDomain, type TxtLookup } from './sender-domain.js';

export const DOMAIN_PARTS = 'DOMAIN_PARTS';

export interface DomainParts {
  readonly accounts: readonly Mailbox[];
  readonly lookup: TxtLookup;
  readonly logger: Logger;
}

const againMs = 3_600_000;
const asked = ['spf', 'dkim', 'dmarc'] as const;

const problems = gauge({
  name: 'phanhoi_sender_domain_problem',
  help: '1: receivers cannot tell our mail of this account from a forgery, by what is missing or protects nobody',
  labelNames: ['account', 'check'],
});

/** Looks, at start and then each hour, whether the domains that we send from say so in their zone. Nothing waits for it. */
@Injectable()
export class SenderDomains implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private readonly found = new Map<string, SenderDomain>();
  private running: Promise<void> = Promise.resolve();

  constructor(@Inject(DOMAIN_PARTS) private readonly parts: DomainParts) {}

  onApplicationBootstrap(): void {
    this.running = this.watch();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** By account; without those whose domain only exists on this machine. */
  list(): readonly (SenderDomain & { readonly account: string })[] {
    return [...this.found].map(([account, domain]) => ({ account, ...domain }));
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      for (const mailbox of this.parts.accounts) await this.check(mailbox);
      await delay(againMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async check({ id, address, options }: Mailbox): Promise<void> {
    const domain = address.slice(address.lastIndexOf('@') + 1);
    const checked = await checkSenderDomain(domain, options.dkimSelector, this.parts.lookup);
    if (checked === undefined) return;
    const before = this.found.get(id);
    this.found.set(id, checked);
    const wrong = asked.filter((check) => ['missing', 'ambiguous', 'weak'].includes(checked[check]));
    for (const check of asked) problems.set({ account: id, check }, wrong.includes(check) ? 1 : 0);
    const isNews = before === undefined || asked.some((check) => before[check] !== checked[check]);
    if (!isNews) return;
    const say = { account: id, ...checked };
    if (wrong.length > 0)
      this.parts.logger.warn(say, 'receivers cannot tell our mail from a forgery: see the README, "Sender domains"');
    else this.parts.logger.info(say, 'sender domain checked');
  }
}

const resolver = new Resolver({ timeout: 3_000, tries: 2 });

/** Asks the name servers of this machine. */
export const lookupTxt: TxtLookup = async (name) => {
  try {
    return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
  } catch (error) {
    const { code } = error as { code?: string };
    return code === 'ENOTFOUND' || code === 'ENODATA' ? [] : undefined;
  }
};
