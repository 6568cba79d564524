import { buffer } from 'node:stream/consumers';
import { type FetchBytes, type KafkaAddress, readTopic } from '#kafka';
import { FolderStore } from './folder-store.js';

/** Reads what letters only refer to: the shared store, or the place on the log where the record lay. */
export function fetchBytesFrom(address: KafkaAddress, storeFolder: string): FetchBytes {
  const store = new FolderStore(storeFolder);
  return async (ref) => {
    const sha256 = /^store:(\w+)$/.exec(ref)?.[1];
    if (sha256 !== undefined) return (await store.has(sha256)) ? await buffer(await store.open(sha256)) : undefined;
    const [, topic, partition, offset] = /^log:(.+)\/(\d+)\/(\d+)$/.exec(ref) ?? [];
    if (topic === undefined) return undefined;
    let found: Buffer | undefined;
    await readTopic(address, {
      topic,
      onRecord: (record) => {
        if (record.partition === Number(partition) && record.offset === offset && record.bytes !== null)
          found = record.bytes;
      },
    });
    return found;
  };
}
