import { setTimeout as sleep } from 'node:timers/promises';

export interface UntilOptions {
  /** Ends the sentence "gave up waiting for …". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly everyMs?: number;
}

/** A probe that hangs (a client waiting for a server that died) must not hang the wait. */
const longestProbeMs = 10_000;

/**
 * Asks again and again until the answer is neither undefined nor false, and returns it.
 * An error thrown by the probe counts as "not yet"; the last one becomes the cause of the error at the deadline.
 */
export async function until<T>(
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  options: UntilOptions,
): Promise<T> {
  const deadline = Date.now() + options.timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await withinTime(probe, longestProbeMs);
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= deadline)
      throw new Error(`gave up waiting for ${options.what} after ${options.timeoutMs} ms`, { cause });
    await sleep(options.everyMs ?? 50);
  }
}

async function withinTime<T>(probe: () => Promise<T> | T, ms: number): Promise<T> {
  const timeout = new AbortController();
  const late = sleep(ms, undefined, { signal: timeout.signal }).then(() => {
    throw new Error(`no answer within ${ms} ms`);
  });
  try {
    return await Promise.race([probe(), late]);
  } finally {
    timeout.abort();
    late.catch(() => undefined);
  }
}
