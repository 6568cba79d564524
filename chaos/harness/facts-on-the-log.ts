import { apps, topics } from '#contracts';
import { readTopic } from '#kafka';
import { createLogger } from '#observability';

interface FactsOnTheLog {
  readonly violations: number;
  readonly repeated: number;
  /** By id, over all apps. */
  readonly deadLetters: number;
}

/** Reads all facts as a consumer would: a sequence at or below the last is a repetition, one that skips is a violation. */
export async function readFacts(brokers: readonly string[]): Promise<FactsOnTheLog> {
  const address = { brokers, clientId: 'chaos', logger: createLogger('chaos', 'error') };
  const last = new Map<string, number>();
  let violations = 0;
  let repeated = 0;
  await readTopic(address, {
    topic: topics.ticketChanged,
    onRecord: ({ bytes }) => {
      const { ticketId, sequence } = JSON.parse(String(bytes)) as { ticketId: string; sequence: number };
      const before = last.get(ticketId) ?? 0;
      if (sequence <= before) repeated++;
      else {
        if (sequence !== before + 1) violations++;
        last.set(ticketId, sequence);
      }
    },
  });
  const letters = new Set<string>();
  for (const app of apps) {
    await readTopic(address, {
      topic: topics.dead(app),
      onRecord: ({ headers }) => void letters.add(headers.ce_id ?? ''),
    });
  }
  return { violations, repeated, deadLetters: letters.size };
}
