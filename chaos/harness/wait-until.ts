import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds until `holds` answers true; looks every `everyMs` (50). @throws when it does not within `timeoutMs`. */
export async function waitUntil(
  what: string,
  holds: () => Promise<boolean> | boolean,
  { timeoutMs = 60_000, everyMs = 50 } = {},
): Promise<number> {
  const startedAt = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedAt > timeoutMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(everyMs);
  }
  return performance.now() - startedAt;
}
