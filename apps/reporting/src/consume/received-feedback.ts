import type { FeedbackReceived } from '#contracts';
import { drop, type Outcome, ok } from '#kafka';
import type { Transaction } from '#postgres';
import { foldFeedback } from '../domain/fold.js';
import { Increments } from '../domain/increments.js';
import type { FeedbackRepository, KeptFeedback } from '../store/feedback.repository.js';
import type { RollupRepository } from '../store/rollup.repository.js';
import { planByIndex } from '../store/plan-by-index.js';
import type { ZoneRepository } from '../store/zone.repository.js';

/** Counts a batch of feedback in one transaction; an event id counts once, whatever comes under it later (a redaction). */
export class ReceivedFeedback {
  constructor(
    private readonly feedback: FeedbackRepository,
    private readonly rollups: RollupRepository,
    private readonly zones: ZoneRepository,
  ) {}

  async apply(tx: Transaction, batch: readonly FeedbackReceived[]): Promise<Outcome[]> {
    await planByIndex(tx);
    const rows = batch.map(toKept);
    const claimed = await this.feedback.claim(tx, rows);
    const increments = new Increments();
    let counted = 0;
    const outcomes = rows.map((row): Outcome => {
      // The first of two equal ids in one batch takes the claim.
      if (!claimed.delete(row.eventId)) return drop('duplicate');
      if (!row.counted) return drop('unknown_kind');
      increments.addFeedback(row);
      counted += 1;
      return ok;
    });
    if (counted > 0) await this.rollups.add(tx, increments, await this.zones.load(tx));
    return outcomes;
  }
}

function toKept(event: FeedbackReceived): KeptFeedback {
  const row = foldFeedback(event);
  if (row !== undefined) return { ...row, eventId: row.eventId.toLowerCase(), counted: true };
  const { id, occurredAt, channel, account } = event;
  return {
    eventId: id.toLowerCase(),
    at: Date.parse(occurredAt),
    channel,
    account,
    automatic: false,
    counted: false,
  };
}
