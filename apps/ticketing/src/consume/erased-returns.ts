import { Injectable } from '@nestjs/common';
import { type FeedbackReceived, feedbackReceivedMessage } from '#contracts';
import type { Consumed } from '#kafka';
import { appendOutbox, type Transaction } from '#postgres';
import { isRedacted, redactFeedback } from '../domain/redaction.js';
import { FeedbackStore } from '../store/feedback.store.js';

/** Content of an erased event that comes back (a rescan, a spool, a replay) is redacted on the log again. */
@Injectable()
export class ErasedReturns {
  constructor(private readonly store: FeedbackStore) {}

  async redactAgain(tx: Transaction, repeated: readonly Consumed<FeedbackReceived>[]): Promise<void> {
    const withContent = repeated.filter(({ data }) => !isRedacted(data));
    const erased = await this.store.findErased(
      tx,
      withContent.map(({ id }) => id),
    );
    const returned = withContent.filter(({ id }) => erased.has(id.toLowerCase()));
    await appendOutbox(
      tx,
      returned.map(({ data }) => feedbackReceivedMessage(redactFeedback(data))),
    );
  }
}
