import type { DeadLetterReason, DropReason, RetryReason } from '#contracts';

/** What became of one event. Handlers return it; only the runner acts on it. */
export type Outcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'drop'; readonly reason: DropReason }
  | { readonly kind: 'retry'; readonly reason: RetryReason }
  | { readonly kind: 'deadLetter'; readonly reason: DeadLetterReason; readonly step: string; readonly detail?: string };

export const ok: Outcome = { kind: 'ok' };

/** The event has no effect, and rightly so. */
export const drop = (reason: DropReason): Outcome => ({ kind: 'drop', reason });

/** The whole batch is rolled back and starts again after a pause. */
export const retry = (reason: RetryReason): Outcome => ({ kind: 'retry', reason });

/** The event goes to quarantine; its dead letter is acknowledged before the handler's transaction commits. */
export const deadLetter = (reason: DeadLetterReason, step: string, detail?: string): Outcome =>
  detail === undefined ? { kind: 'deadLetter', reason, step } : { kind: 'deadLetter', reason, step, detail };
