import { Controller, Inject } from '@nestjs/common';
import { contracts, type IntakeReplay, topics } from '#contracts';
import {
  type BatchContext,
  BatchHandler,
  type Consumed,
  deadLetter,
  type LedgerEntry,
  ok,
  type Outcome,
  retry,
} from '#kafka';
import { ACCOUNTS, appName } from '../env.js';
import type { FolderName, Mailbox } from './accounts.js';
import { ParsingPostponed } from './parse/mail-parser.js';
import { IntakeBusy, MailIntake, type TakenMail } from './mail-intake.js';

/** Dead letters that an operator sends back go the way of new mail: same normalize, same id. */
@Controller()
export class ReplayHandler {
  constructor(
    @Inject(ACCOUNTS) private readonly accounts: readonly Mailbox[],
    @Inject(MailIntake) private readonly intake: MailIntake,
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
    const mailbox = this.accounts.find((account) => account.id === replay.account);
    if (mailbox === undefined) return deadLetter('unknown_account', 'replay');
    const mail = mailOf(replay, () => this.intake.enter(mailbox));
    if (mail === undefined) return deadLetter('unparseable', 'replay', 'the letter has no bytes');
    const folder: FolderName = replay.context?.folder === 'sent' ? 'sent' : 'inbox';
    try {
      await this.intake.publish(mailbox, folder, [mail], await this.intake.parse(mailbox, folder, [mail]));
      return ok;
    } catch (error) {
      if (error instanceof IntakeBusy) return retry('database_busy');
      if (error instanceof ParsingPostponed) return retry('store_unavailable');
      throw error;
    }
  }
}

function mailOf({ body, context, at }: IntakeReplay, enter: () => LedgerEntry): TakenMail | undefined {
  const internalDate = new Date(context?.internalDate ?? Number.NaN);
  const rest = {
    receivedAt: new Date(at),
    receivedVia: 'replay' as const,
    flags: [],
    ...(Number.isNaN(internalDate.getTime()) ? {} : { internalDate }),
  };
  if (body.base64 !== undefined) return { ...rest, entry: enter(), raw: { bytes: Buffer.from(body.base64, 'base64') } };
  return body.ref?.startsWith('store:') === true
    ? { ...rest, entry: enter(), raw: { stored: { sha256: body.sha256, bytes: body.bytes } } }
    : undefined;
}
