import { contracts, type DeadLetter, decode, originOf, type QuarantineResolved, topics } from '#contracts';
import { type KafkaAddress, readTopic } from '#kafka';
import { serviceNames } from '../platform/addresses.js';

export interface Item {
  readonly letter: DeadLetter;
  /** The last thing that an operator did about it. */
  readonly resolved?: QuarantineResolved;
}

export interface Filter {
  readonly ids: readonly string[];
  readonly app?: string;
  readonly reason?: string;
  /** Topic on which a consumer's letter lay. */
  readonly topic?: string;
  /** Channel by which the bytes came in, or the event that a consumer refused. */
  readonly channel?: string;
  /** Also what has been replayed or discarded already. */
  readonly withResolved: boolean;
}

/**
 * Every dead letter of every app, in the order in which its source had them: so a gap is replayed in sequence. Two apps that refuse
 * the same record each have a letter of the same id.
 */
export async function readQuarantine(address: KafkaAddress): Promise<Item[]> {
  const letters = new Map<string, DeadLetter>();
  const resolved = new Map<string, QuarantineResolved>();
  const reading = serviceNames.map((app) =>
    readTopic(address, {
      topic: topics.dead(app),
      onRecord: ({ headers, bytes }) => {
        const letter = decode(contracts.deadLetter, { headers, value: bytes });
        if (letter.ok) keepNewest(letters, `${app} ${letter.data.id}`, letter.data);
        else address.logger.warn({ app, reason: letter.reason, detail: letter.detail }, 'a dead letter cannot be read');
      },
    }),
  );
  const settled = readTopic(address, {
    topic: topics.quarantineResolved,
    onRecord: ({ headers, bytes }) => {
      const resolution = decode(contracts.quarantineResolved, { headers, value: bytes });
      if (resolution.ok) keepNewest(resolved, resolution.data.id, resolution.data);
    },
  });
  await Promise.all([...reading, settled]);
  const items = [...letters.values()].map((letter): Item => {
    const done = resolved.get(letter.id);
    // An intake's letter has the id of its bytes: refused again after its replay, it waits again.
    return { letter, ...(done && done.at >= letter.at && { resolved: done }) };
  });
  return items.sort((a, b) => compare(placeOf(a.letter), placeOf(b.letter)));
}

export function matches({ letter, resolved }: Item, filter: Filter): boolean {
  const { source } = letter;
  return (
    (filter.withResolved || resolved === undefined) &&
    (filter.ids.length === 0 || filter.ids.some((id) => letter.id.startsWith(id))) &&
    (filter.app === undefined || letter.app === filter.app) &&
    (filter.reason === undefined || letter.reason === filter.reason) &&
    (filter.topic === undefined || (source.kind === 'log' && source.topic === filter.topic)) &&
    (filter.channel === undefined || originOf(letter)?.channel === filter.channel)
  );
}

/** The record behind letters of one id goes back once, and is settled once, whoever refused it. */
export function onceById(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [item.letter.id, item])).values()];
}

/** The last word counts by its time, as in reporting: two operators who act at once may reach the log in another order. */
function keepNewest<Value extends { readonly at: string }>(found: Map<string, Value>, key: string, value: Value): void {
  const before = found.get(key);
  if (before === undefined || before.at <= value.at) found.set(key, value);
}

type Place = readonly [string, number, bigint | string];

function placeOf({ source, at }: DeadLetter): Place {
  if (source.kind === 'log') return [source.topic, source.partition, BigInt(source.offset)];
  return [`${source.channel}/${source.account}`, 0, at];
}

function compare(a: Place, b: Place): number {
  for (const index of [0, 1, 2] as const) {
    if (a[index] < b[index]) return -1;
    if (a[index] > b[index]) return 1;
  }
  return 0;
}
