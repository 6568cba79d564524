import { z } from 'zod';
import { count, time, uuid, word } from './fields.js';
import { settlements } from './registries.js';

/** `<channel>:<account>`, or the channel alone where an input was refused before its account was known. */
const source = z.string().min(1).max(141);

/** Increments of one source in one minute. Absent is nothing; a reader adds them up over all records, each record once. */
export const ledgerCountSchema = z.object({
  source,
  /** The beginning of the minute in which the input came (intake), or that the record bears as its time (consumer). */
  minute: time,
  /** Intake: received = published + spooled + refused + quarantined + noted. */
  received: count.optional(),
  published: count.optional(),
  spooled: count.optional(),
  /** Told no, or to come again (4xx, 503). */
  refused: count.optional(),
  quarantined: count.optional(),
  /** Understood, and nothing new to keep: a receipt, a telephone that rings, a form sent twice under one key. */
  noted: count.optional(),
  /** Consumer: read = stored + duplicate + dropped + quarantined. */
  read: count.optional(),
  stored: count.optional(),
  duplicate: count.optional(),
  /** Left out for another reason of the registry, e.g. a kind that is newer than the reader. */
  dropped: count.optional(),
});
export type LedgerCount = z.infer<typeof ledgerCountSchema>;

/** All that the provider holds of these minutes has gone through the intake. */
export const reconciledSchema = z.object({
  source,
  from: time,
  to: time,
  /** Inputs that had not come by themselves. */
  fetched: count,
});
export type Reconciled = z.infer<typeof reconciledSchema>;

/** intake.ledger.v1: what one process run has counted since its record before. */
export const ledgerRecordSchema = z.object({
  /** v5 over (run, sequence). */
  id: uuid,
  app: z.string().min(1).max(60),
  instance: z.string().min(1).max(100),
  run: uuid,
  /** 0, 1, 2… without a gap. */
  sequence: count,
  startedAt: time,
  at: time,
  /** An intake's record says until when everything is counted that has ended; a consumer counts before it commits. */
  intake: z
    .object({
      isLast: z.boolean(),
      /** In the first record: whom this run takes inputs from, and how a window that a kill cuts off is settled. */
      sources: z.array(z.object({ source, settledBy: word(settlements) })).optional(),
    })
    .optional(),
  counts: z.array(ledgerCountSchema),
  reconciled: z.array(reconciledSchema),
});
export type LedgerRecord = z.infer<typeof ledgerRecordSchema>;
