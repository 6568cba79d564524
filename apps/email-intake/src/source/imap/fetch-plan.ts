/** What the server states of a mail before it is fetched. */
export interface Listed {
  readonly uid: number;
  readonly bytes: number;
  readonly internalDate?: Date;
}

export type FetchStep =
  /** Fetched whole, in one command. */
  | { readonly kind: 'together'; readonly mails: readonly Listed[] }
  /** Streamed to the store, alone. */
  | { readonly kind: 'alone'; readonly mail: Listed };

/** A batch of small mails fills one produce request (500 messages): each further request costs ticketing a transaction per partition. */
export const fetchLimits = { largeBytes: 1024 * 1024, batchBytes: 4 * 1024 * 1024, batchMails: 250 } as const;

/** Batches in the order of UIDs, bounded in bytes and number; large mails stand alone. */
export function planFetch(listed: readonly Listed[]): FetchStep[] {
  const steps: FetchStep[] = [];
  let batch: Listed[] = [];
  let bytes = 0;
  const close = () => {
    if (batch.length > 0) steps.push({ kind: 'together', mails: batch });
    batch = [];
    bytes = 0;
  };
  for (const mail of [...listed].sort((a, b) => a.uid - b.uid)) {
    if (mail.bytes > fetchLimits.largeBytes) {
      close();
      steps.push({ kind: 'alone', mail });
      continue;
    }
    if (batch.length === fetchLimits.batchMails || bytes + mail.bytes > fetchLimits.batchBytes) close();
    batch.push(mail);
    bytes += mail.bytes;
  }
  close();
  return steps;
}

/** `1:3,7,9:10` for rising numbers. */
export function toSequenceSet(uids: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const uid of uids) {
    const last = ranges.at(-1);
    if (last !== undefined && uid === last[1] + 1) last[1] = uid;
    else ranges.push([uid, uid]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}:${to}`)).join(',');
}
