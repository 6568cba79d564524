import { setTimeout as delay } from 'node:timers/promises';
import { fetchPatiently, type Observed } from './observed.js';

interface Ledger {
  readonly settled: boolean;
  readonly sources: readonly { readonly source: string; readonly settled: boolean }[];
}

/** Counts are written each few seconds, those of an input that never ended after a minute. */
const patienceMs = 120_000;

/** Asks until all that came in since then is accounted for: `settled`, or the sources that are not. */
export async function untilSettled(world: Observed, since: Date): Promise<string> {
  const token = await world.token('analyst');
  for (const deadline = Date.now() + patienceMs; ; await delay(2_000)) {
    const query = new URLSearchParams({
      from: since.toISOString(),
      to: new Date(Date.now() + 60_000).toISOString(),
    });
    const answer = await fetchPatiently(`${world.reportingUrl}/api/v1/ledger?${query.toString()}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (!answer.ok) throw new Error(`ledger: ${answer.status} ${await answer.text()}`);
    const { settled, sources } = (await answer.json()) as Ledger;
    if (settled && sources.length > 0) return 'settled';
    if (Date.now() > deadline) return JSON.stringify(sources.filter((one) => !one.settled));
  }
}
