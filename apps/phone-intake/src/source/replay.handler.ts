import { Controller, Inject } from '@nestjs/common';
import { contracts, type IntakeReplay, topics } from '#contracts';
import { FolderStore, outcomeOfStoreError, replayedBytes } from '#intake';
import { type BatchContext, BatchHandler, type Consumed, deadLetter, ok, type Outcome, retry } from '#kafka';
import { appName } from '../env.js';
import type { PhoneContext, Read } from '../normalize/context.js';
import { PhoneIntake } from '../phone.intake.js';
import { AccountDirectory } from './account-directory.js';
import type { PhoneAccount } from './accounts.js';
import { readImportedCall, tableType } from './cdr/table-file.js';
import { readGatewaySms } from './gateway/gateway-events.js';
import { readPbxCall } from './pbx-events.js';
import { readTwilioCall, readTwilioSms } from './twilio/twilio-events.js';

/** Dead letters that an operator sends back go the way of new messages: same normalize, same id. */
@Controller()
export class ReplayHandler {
  constructor(
    @Inject(AccountDirectory) private readonly accounts: AccountDirectory,
    @Inject(PhoneIntake) private readonly intake: PhoneIntake,
    @Inject(FolderStore) private readonly store: FolderStore,
  ) {}

  @BatchHandler({ topic: topics.intakeReplay(appName), contract: contracts.intakeReplay })
  async replay(batch: readonly Consumed<IntakeReplay>[], context: BatchContext): Promise<void> {
    const outcomes: Outcome[] = [];
    for (const { data } of batch) {
      outcomes.push(await this.take(data));
      await context.heartbeat();
    }
    await context.settle(outcomes);
  }

  private async take(replay: IntakeReplay): Promise<Outcome> {
    const account = this.accounts.find(replay.account);
    if (account === undefined) return deadLetter('unknown_account', 'replay');
    try {
      const bytes = await replayedBytes(this.store, replay);
      const outcome = await this.intake.receive({
        account,
        bytes,
        contentType: replay.context?.contentType ?? 'application/octet-stream',
        receivedAt: new Date(replay.at),
        receivedVia: 'replay',
        read: (to) => readAgain(account, bytes, to, replay.context?.contentType),
      });
      if (outcome?.kind === 'busy') return retry('store_unavailable');
      return outcome?.kind === 'refused' ? deadLetter('unparseable', 'replay', outcome.refusal.code) : ok;
    } catch (error) {
      return outcomeOfStoreError(error);
    }
  }
}

/** Which reader an account's dead letters came from: each kind of account has one, beside that of imported tables. */
function readAgain(account: PhoneAccount, bytes: Buffer, context: PhoneContext, type = ''): Read {
  if (type.startsWith(tableType) && account.provider !== 'gateway')
    return readImportedCall(bytes, account.options.table, context);
  switch (account.provider) {
    case 'twilio':
      return account.channel === 'sms' ? readTwilioSms(bytes, context) : readTwilioCall(bytes, context);
    case 'gateway':
      return readGatewaySms(bytes, account.options, context);
    case 'pbx':
      return readPbxCall(bytes, account.options, context);
  }
}
