import type { WireMessage } from '#contracts';
import type { Database } from './database.js';
import type { Transaction } from './transaction.js';

/** Tables of wire messages that wait for the broker (tables.ts). */
export type QueueTable = 'outbox' | 'spool';

export interface QueuedMessage {
  /** bigint as text */
  readonly id: string;
  readonly message: WireMessage;
}

interface QueueRow {
  id: string;
  topic: string;
  key: string;
  partition_key: string;
  headers: Record<string, string>;
  value: Buffer | null;
  timestamp_ms: string | null;
}

/** Appends messages in this order. Rows of one key keep their order only if the writer holds a lock on what the key names. */
async function append(tx: Transaction, table: QueueTable, messages: readonly WireMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await tx.execute(
    `${table}_append`,
    `insert into ${table} (topic, key, partition_key, headers, value, timestamp_ms)
     select topic, key, partition_key, headers, value, timestamp_ms
     from unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::bytea[], $6::bigint[])
       with ordinality as message(topic, key, partition_key, headers, value, timestamp_ms, position)
     order by position`,
    [
      messages.map((message) => message.topic),
      messages.map((message) => message.key),
      messages.map((message) => message.partitionKey),
      messages.map((message) => JSON.stringify(message.headers)),
      messages.map((message) => message.value),
      messages.map((message) => message.timestamp ?? null),
    ],
  );
}

/** Messages that leave after this transaction commits; then call `wake()` of the relay (for example by `tx.afterCommit`). */
export function appendOutbox(tx: Transaction, messages: readonly WireMessage[]): Promise<void> {
  return append(tx, 'outbox', messages);
}

/** As `appendOutbox`, into the spool of an intake. */
export function appendSpool(tx: Transaction, messages: readonly WireMessage[]): Promise<void> {
  return append(tx, 'spool', messages);
}

const batchBytes = 4 * 1024 * 1024;

/** The lowest ids that exist now, at most `limit` and about 4 MiB (at least one). */
export async function readQueue(database: Database, table: QueueTable, limit: number): Promise<QueuedMessage[]> {
  const rows = await database.query<QueueRow>({
    name: `${table}_read`,
    text: `select id, topic, key, partition_key, headers, value, timestamp_ms
           from (select *, sum(octet_length(value)) over (order by id) - octet_length(value) as before
                 from (select * from ${table} order by id limit $1) as lowest) as sized
           where coalesce(before, 0) < $2 order by id`,
    values: [limit, batchBytes],
  });
  return rows.map((row) => ({
    id: row.id,
    message: {
      topic: row.topic,
      key: row.key,
      partitionKey: row.partition_key,
      headers: row.headers,
      value: row.value,
      ...(row.timestamp_ms === null ? {} : { timestamp: Number(row.timestamp_ms) }),
    },
  }));
}

/** Removes messages that the broker has acknowledged. */
export async function deleteQueued(database: Database, table: QueueTable, ids: readonly string[]): Promise<void> {
  await database.execute({
    name: `${table}_delete`,
    text: `delete from ${table} where id = any($1::bigint[])`,
    values: [ids],
  });
}
