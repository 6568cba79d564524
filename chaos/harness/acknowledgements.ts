import { setTimeout as delay } from 'node:timers/promises';
import { readMetric } from './metric.js';
import type { World } from './world.js';

/** What ticketing counts of acknowledgements, over all accounts; an alert stands on `braked`. */
export async function acknowledgements(world: World, result: 'sent' | 'braked'): Promise<number> {
  const url = world.service('ticketing').url;
  return (await readMetric(url, 'phanhoi_acknowledgements_total', { result })) ?? 0;
}

/** Resolves in the first half of a minute, so that a whole burst falls into one: the brake counts by the minute. */
export async function withinOneMinute(): Promise<void> {
  const intoMinute = Date.now() % 60_000;
  if (intoMinute > 30_000) await delay(60_000 - intoMinute);
}
