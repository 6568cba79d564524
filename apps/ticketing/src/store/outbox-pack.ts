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
    const frames = messages.slice(start, start + perRow).flatMap(frame);
    rows.push({ topic: packedTopic, key: '', partitionKey: '', headers: {}, value: Buffer.concat(frames) });
  }
  return rows;
}

/** Undoes `packForOutbox`. */
export function unpackFromOutbox(rows: readonly WireMessage[]): WireMessage[] {
  return rows.flatMap((row) => (row.topic === packedTopic && row.value !== null ? unframe(row.value) : [row]));
}

/** Length of the words, length of the value (−1: none), the words as JSON, the value. */
function frame({ value, ...words }: WireMessage): Buffer[] {
  const json = Buffer.from(JSON.stringify(words));
  const lengths = Buffer.allocUnsafe(8);
  lengths.writeUInt32LE(json.length, 0);
  lengths.writeInt32LE(value?.length ?? -1, 4);
  return value === null ? [lengths, json] : [lengths, json, value];
}

function unframe(packed: Buffer): WireMessage[] {
  const messages: WireMessage[] = [];
  let at = 0;
  while (at < packed.length) {
    const wordsEnd = at + 8 + packed.readUInt32LE(at);
    const valueLength = packed.readInt32LE(at + 4);
    const end = wordsEnd + Math.max(0, valueLength);
    const words = JSON.parse(packed.toString('utf8', at + 8, wordsEnd)) as Omit<WireMessage, 'value'>;
    messages.push({ ...words, value: valueLength < 0 ? null : packed.subarray(wordsEnd, end) });
    at = end;
  }
  return messages;
}
