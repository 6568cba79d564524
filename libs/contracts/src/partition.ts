/** murmur2 as Kafka's own clients compute it, so that any client finds the partition. Source: org.apache.kafka.common.utils.Utils#murmur2. */
function murmur2(key: Buffer): number {
  const length = key.length;
  const m = 0x5bd1e995;
  let h = 0x9747b28c ^ length;
  const words = length >> 2;
  for (let i = 0; i < words; i++) {
    let k = key.readInt32LE(i * 4);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = words * 4;
  const left = length & 3;
  if (left === 3) h ^= (key[rest + 2] ?? 0) << 16;
  if (left >= 2) h ^= (key[rest + 1] ?? 0) << 8;
  if (left >= 1) h = Math.imul(h ^ (key[rest] ?? 0), m);
  h ^= h >>> 13;
  h = Math.imul(h, m);
  h ^= h >>> 15;
  return h;
}

/** The partition of a key on a topic with `count` partitions, as Kafka's default partitioner would choose it. */
export function partitionFor(partitionKey: string, count: number): number {
  return (murmur2(Buffer.from(partitionKey)) & 0x7fffffff) % count;
}
