import type { FeedbackReceived } from '#contracts';

const freshMs = 24 * 3_600_000;

/** Whether something may happen by itself for its sake: it came by push or poll, within a day. */
export function isFresh({ provider, occurredAt }: FeedbackReceived, now: Date): boolean {
  const isLive = provider.receivedVia === 'push' || provider.receivedVia === 'poll';
  return isLive && now.getTime() - Date.parse(occurredAt) < freshMs;
}
