import {
  type DeadLetter,
  intakeReplayMessage,
  type QuarantineResolved,
  type Resolution,
  type StoredBytes,
  type WireMessage,
} from '#contracts';

/** The bytes of a letter are no longer to be had: it can be discarded, not replayed. */
export class BytesMissing extends Error {
  override readonly name = 'BytesMissing';
}

/** Fetches bytes that do not lie in the letter itself: `store:<sha256>` or `log:<topic>/<partition>/<offset>`. */
export type FetchBytes = (ref: string) => Promise<Buffer | undefined>;

/**
 * What a letter becomes on its way back. A consumer's goes to its source topic as it was (key, partition key, headers, bytes): every
 * consumer of that topic sees it again, and those that had taken it know its event id. An intake's goes through that intake's own
 * normalize, which gives it the same event id as the first time.
 * @throws BytesMissing
 */
export async function replayMessage(letter: DeadLetter, now: Date, fetchBytes: FetchBytes): Promise<WireMessage> {
  const { id, app, key, headers, body, source } = letter;
  if (source.kind === 'intake') {
    if (body === null) throw new BytesMissing('the letter has no bytes');
    const { channel, account, context } = source;
    const at = now.toISOString();
    return intakeReplayMessage({ id, app, channel, account, headers, body, at, ...(context && { context }) });
  }
  return {
    topic: source.topic,
    key: key ?? '',
    partitionKey: headers['ce_partitionkey'] ?? key ?? '',
    headers,
    value: body === null ? null : await bytesOf(body, fetchBytes),
    // Originals are looked up by time: the record keeps the one that it had.
    ...(source.timestamp !== undefined && { timestamp: Number(source.timestamp) }),
  };
}

/** @throws BytesMissing */
export async function bytesOf(body: StoredBytes, fetchBytes: FetchBytes): Promise<Buffer> {
  if (body.base64 !== undefined) return Buffer.from(body.base64, 'base64');
  const bytes = body.ref === undefined ? undefined : await fetchBytes(body.ref);
  if (bytes === undefined) throw new BytesMissing(`its bytes (${body.ref ?? 'no reference'}) are gone`);
  return bytes;
}

export interface Decision {
  readonly resolution: Resolution;
  readonly by: string;
  readonly because?: string;
}

/** The word that settles a letter. */
export function resolutionOf(
  { id, app }: DeadLetter,
  { resolution, by, because }: Decision,
  now: Date,
): QuarantineResolved {
  const at = now.toISOString();
  return { id, app, resolution, by, at, ...(because !== undefined && { reason: because }) };
}
