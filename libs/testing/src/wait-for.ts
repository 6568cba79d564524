import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** Default 25 000: a condition holds at once on a quiet machine, and late on a busy one. */
  readonly timeoutMs?: number;
  /** What is waited for, for the error message. */
  readonly describe?: string | (() => string);
  /** Milliseconds between two looks; default 20. */
  readonly everyMs?: number;
}

/**
 * Resolves with the first result of the condition that is neither false, null nor undefined. An error of the condition
 * counts as "not yet"; the last one is the cause of the error that is thrown when the time is up.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 25_000, describe = 'the condition', everyMs = 20 }: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const result = await condition();
      if (result !== false && result !== null && result !== undefined) {
        return result as Exclude<T, false | null | undefined>;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await delay(everyMs);
  } while (Date.now() < deadline);
  const what = typeof describe === 'string' ? describe : describe();
  throw new Error(`waited ${timeoutMs} ms in vain for ${what}`, { cause });
}
