import { Controller } from '@nestjs/common';
import { contracts, type IntakeReplay, topics } from '#contracts';
import { FolderStore, outcomeOfStoreError, replayedBytes } from '#intake';
import { type BatchContext, BatchHandler, type Consumed, deadLetter, type Outcome, ok, retry } from '#kafka';
import { SocialIntake } from '../social.intake.js';
import { AccountDirectory } from './account-directory.js';

/** Takes back what the operator replays: the same bytes through the same path, under the same event ids. */
@Controller()
export class ReplayController {
  constructor(
    private readonly intake: SocialIntake,
    private readonly accounts: AccountDirectory,
    private readonly store: FolderStore,
  ) {}

  @BatchHandler({ topic: topics.intakeReplay('social-intake'), contract: contracts.intakeReplay })
  async replay(batch: readonly Consumed<IntakeReplay>[], context: BatchContext): Promise<void> {
    const outcomes: Outcome[] = [];
    for (const { data } of batch) {
      outcomes.push(await this.replayOne(data));
      await context.heartbeat();
    }
    await context.settle(outcomes);
  }

  private async replayOne(replay: IntakeReplay): Promise<Outcome> {
    const account = this.accounts.byId(replay.account);
    if (account === undefined) return deadLetter('unknown_account', 'replay');
    try {
      const outcome = await this.intake.replay(account, await replayedBytes(this.store, replay));
      return outcome.kind === 'done' ? ok : retry('store_unavailable');
    } catch (error) {
      return outcomeOfStoreError(error);
    }
  }
}
