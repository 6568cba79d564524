import { Controller } from '@nestjs/common';
import { contracts, type IntakeReplay, topics } from '#contracts';
import { FolderStore, type IntakeOutcome, outcomeOfStoreError, replayedBytes } from '#intake';
import { type BatchContext, BatchHandler, type Consumed, deadLetter, type Outcome, ok, retry } from '#kafka';
import { FeedbackIntake } from '../feedback.intake.js';
import { formatOf } from '../normalize/parse-body.js';

/** Takes back what the operator replays: the same bytes through the same path, under the same event id. */
@Controller()
export class ReplayController {
  constructor(
    private readonly feedback: FeedbackIntake,
    private readonly store: FolderStore,
  ) {}

  @BatchHandler({ topic: topics.intakeReplay('web-form-intake'), contract: contracts.intakeReplay })
  async replay(batch: readonly Consumed<IntakeReplay>[], context: BatchContext): Promise<void> {
    const outcomes: Outcome[] = [];
    for (const { data } of batch) outcomes.push(await this.replayOne(data));
    await context.settle(outcomes);
  }

  private async replayOne(replay: IntakeReplay): Promise<Outcome> {
    let bytes: Buffer;
    try {
      bytes = await replayedBytes(this.store, replay);
    } catch (error) {
      return outcomeOfStoreError(error);
    }
    const format = formatOf(replay.context?.contentType);
    const outcome = await this.feedback.receive({
      body: { format, bytes },
      staged: [],
      formId: replay.account,
      idempotencyKey: replay.context?.messageId ?? replay.id,
      keyInBody: format !== 'json',
      receivedVia: 'replay',
    });
    return asOutcome(outcome);
  }
}

function asOutcome(outcome: IntakeOutcome): Outcome {
  switch (outcome.kind) {
    case 'accepted':
    case 'quarantined':
      return ok;
    case 'refused':
      return deadLetter('schema_violation', 'normalize', outcome.refusal.code);
    case 'busy':
      return retry('store_unavailable');
  }
}
