import type { WireMessage } from '#contracts';

/** Marks a row of the outbox that holds many messages. No topic may be called so: `#` is not legal in names of topics. */
const packedTopic = '#packed';
/** Below this, rows stay as they are: legible, and nothing is won. */
const worthPacking = 20;
const perRow = 250;

/**
 * A batch of 500 events makes some 1,500 messages. As rows of their own they cost as much as everything else that the batch
 * stores; so they travel through the outbox as few rows of framed messages. The order is kept, and the rows are deleted only
 * when all of their messages are acknowledged.
 */
export function packForOutbox(messages: readonly WireMessage[]): WireMessage[] {
  if (messages.length < worthPacking) return [...messages];
  const rows: WireMessage[] = [];
  for (let start = 0; start < messages.length; start += perRow) {
    const value = frameAll(messages.slice(start, start + perRow));
    rows.push({ topic: packedTopic, key: '', partitionKey: '', headers: {}, value });
  }
  return rows;
}

/** Undoes `packForOutbox`. */
export function unpackFromOutbox(rows: readonly WireMessage[]): WireMessage[] {
  return rows.flatMap((row) => (row.topic === packedTopic && row.value !== null ? unframe(row.value) : [row]));
}

type Headers = Readonly<Record<string, string>>;

/** What differs from the message before: most messages of a batch share most of their words with their neighbour. */
interface Words {
  readonly topic?: string;
  readonly key?: string;
  readonly partitionKey?: string;
  readonly changed: Headers;
  readonly gone?: readonly string[];
}

const nothing: Omit<WireMessage, 'value'> = { topic: '', key: '', partitionKey: '', headers: {} };

function wordsOf(message: WireMessage, before: Omit<WireMessage, 'value'>): Words {
  const { topic, key, partitionKey, headers } = message;
  const changed = Object.fromEntries(Object.entries(headers).filter(([name, text]) => before.headers[name] !== text));
  const gone = Object.keys(before.headers).filter((name) => !Object.hasOwn(headers, name));
  return {
    ...(topic === before.topic ? {} : { topic }),
    ...(key === before.key ? {} : { key }),
    ...(partitionKey === before.partitionKey ? {} : { partitionKey }),
    changed,
    ...(gone.length === 0 ? {} : { gone }),
  };
}

/** Of each message: length of the words, length of the value (−1: none), the words as JSON, the value. */
function frameAll(messages: readonly WireMessage[]): Buffer {
  const parts: Buffer[] = [];
  let before = nothing;
  for (const message of messages) {
    const json = Buffer.from(JSON.stringify(wordsOf(message, before)));
    const lengths = Buffer.allocUnsafe(8);
    lengths.writeUInt32LE(json.length, 0);
    lengths.writeInt32LE(message.value?.length ?? -1, 4);
    parts.push(lengths, json);
    if (message.value !== null) parts.push(message.value);
    before = message;
  }
  return Buffer.concat(parts);
}

function unframe(packed: Buffer): WireMessage[] {
  const messages: WireMessage[] = [];
  let before = nothing;
  let at = 0;
  while (at < packed.length) {
    const wordsEnd = at + 8 + packed.readUInt32LE(at);
    const valueLength = packed.readInt32LE(at + 4);
    const end = wordsEnd + Math.max(0, valueLength);
    const { changed, gone = [], ...words } = JSON.parse(packed.toString('utf8', at + 8, wordsEnd)) as Words;
    const kept = Object.entries(before.headers).filter(([name]) => !gone.includes(name));
    const headers = { ...Object.fromEntries(kept), ...changed };
    const value = valueLength < 0 ? null : packed.subarray(wordsEnd, end);
    before = { topic: before.topic, key: before.key, partitionKey: before.partitionKey, ...words, headers };
    messages.push({ ...before, value });
    at = end;
  }
  return messages;
}
