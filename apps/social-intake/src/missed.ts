import { ListError, type ListedAccount } from '#intake';
import type { SocialIntake } from './social.intake.js';
import type { AccountDirectory, SocialAccount } from './source/account-directory.js';
import type { UpdateRepository } from './store/update.repository.js';

interface MissedParts {
  readonly directory: Pick<AccountDirectory, 'accounts'>;
  readonly social: Pick<SocialIntake, 'fetched'>;
  readonly updates: Pick<UpdateRepository, 'countMissing'>;
}

/**
 * A number that is missing while nothing is left to deliver belongs to an update that was acknowledged, thus durable, by a run that was killed before it
 * had noted the number (UpdateLedger does so every 5 s). Before it counts as that, what is on its way may be noted: as long as a gap takes to be one.
 */
const numbersAwaitedMs = 60_000;

/** The accounts of networks that can be asked what there was, for the Reconciler. */
export function listedAccounts({ directory, social, updates }: MissedParts): ListedAccount[] {
  const assertNoneMissing = async ({ id }: SocialAccount, from: Date, to: Date) => {
    if (Date.now() - to.getTime() > numbersAwaitedMs) return;
    const missing = await updates.countMissing(id, from);
    if (missing > 0) throw new ListError(`${missing} numbers of the network's updates may still be noted`);
  };
  return directory.accounts.flatMap((account) => {
    const { network } = account;
    if (network.missed === undefined) return [];
    const { missed } = network;
    const fetch = async (from: Date, to: Date, signal: AbortSignal) => {
      let fetched = 0;
      for await (const webhook of missed(from, signal)) {
        const outcome = await social.fetched(account, webhook);
        if (outcome.kind === 'busy') throw new ListError('our intake is busy', outcome.retryAfterSeconds * 1000);
        if (outcome.kind === 'refused') throw new ListError(`our intake refused it: ${outcome.refusal.code}`);
        fetched += 1;
      }
      if (network.sequenceOf !== undefined) await assertNoneMissing(account, from, to);
      return fetched;
    };
    return [{ channel: account.channel, account: account.id, fetch }];
  });
}
