import { setTimeout as delay } from 'node:timers/promises';
import type { SendOutcome } from '#intake';

export type Part = () => Promise<SendOutcome>;

const attempts = 3;
const standardWaitMs = 2_000;
/** A claim is given up after five minutes. */
const longestWaitMs = 20_000;

/**
 * Sends what is several messages of the network, in order: the first decides whether anything was sent. What follows is tried again while
 * the network says "later", and what was sent is never sent again: an answer that arrived in part says so and is left to a person.
 */
export async function sendInParts(
  parts: readonly Part[],
  wait: (ms: number) => Promise<void> = delay,
): Promise<SendOutcome> {
  let outcome: SendOutcome = { kind: 'uncertain', detail: 'an answer of no parts' };
  for (const [index, part] of parts.entries()) {
    outcome = await part();
    for (let attempt = 1; index > 0 && isForNow(outcome) && attempt < attempts; attempt += 1) {
      await wait(Math.min(outcome.retryAfterMs ?? standardWaitMs, longestWaitMs));
      outcome = await part();
    }
    if (outcome.kind === 'sent') continue;
    if (index === 0) return outcome;
    const detail = `${index} of ${parts.length} parts were sent; ${outcome.detail}`;
    return outcome.kind === 'uncertain'
      ? { kind: 'uncertain', detail }
      : { kind: 'not_sent', code: outcome.code, permanent: true, detail };
  }
  return outcome;
}

function isForNow(outcome: SendOutcome): outcome is Extract<SendOutcome, { kind: 'not_sent' }> {
  return outcome.kind === 'not_sent' && !outcome.permanent;
}
