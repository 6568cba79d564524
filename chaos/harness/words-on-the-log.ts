import { topics } from '#contracts';
import { readTopic } from '#kafka';
import { createLogger } from '#observability';
import type { NetworkCustomer } from './network-customers.js';

interface Told {
  readonly text: string;
  readonly kind: string;
  readonly provider: { readonly messageId: string };
}

/** How many people's words do not stand on the log in the order in which they were said, the first time that each is there. */
export async function outOfOrder(brokers: readonly string[], customers: readonly NetworkCustomer[]): Promise<number> {
  const places = new Map<string, number>();
  let read = 0;
  // The words of one person lie in one partition, and that is read in its order.
  await readTopic(
    { brokers, clientId: 'chaos', logger: createLogger('chaos', 'error') },
    {
      topic: topics.feedbackReceived,
      onRecord: ({ bytes }) => {
        read += 1;
        const { text, kind, provider } = JSON.parse(String(bytes)) as Told;
        const word = kind === 'call' ? provider.messageId : text;
        if (!places.has(word)) places.set(word, read);
      },
    },
  );
  return customers.filter(({ said }) => {
    const found = said.map((word) => places.get(word) ?? Infinity);
    return found.some((place, at) => place === Infinity || place < (found[at - 1] ?? 0));
  }).length;
}
