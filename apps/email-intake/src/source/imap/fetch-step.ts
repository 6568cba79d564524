import type { ImapFlow } from 'imapflow';
import type { AttachmentStore } from '#intake';
import type { TakenMail } from '../mail-intake.js';
import { type FetchStep, type Listed, toSequenceSet } from './fetch-plan.js';

export interface FetchedMail extends Pick<TakenMail, 'raw' | 'flags'> {
  readonly uid: number;
  readonly internalDate?: Date;
}

interface FetchInto {
  readonly store: AttachmentStore;
  readonly maxBytes: number;
}

/** Kept of a mail that is over the limit of parsing, for the operator: up to four times that limit. */
const keptFactor = 4;

/** Brings the mails of a step here. A mail that another client has removed meanwhile is left out. */
export async function fetchStep(client: ImapFlow, step: FetchStep, into: FetchInto): Promise<FetchedMail[]> {
  return step.kind === 'alone' ? await fetchLarge(client, step.mail, into) : await fetchTogether(client, step.mails);
}

async function fetchTogether(client: ImapFlow, mails: readonly Listed[]): Promise<FetchedMail[]> {
  const stated = new Map(mails.map((mail) => [mail.uid, mail]));
  const found = await client.fetchAll(
    toSequenceSet(mails.map((mail) => mail.uid)),
    { uid: true, source: true },
    { uid: true },
  );
  const fetched: FetchedMail[] = [];
  for (const { uid, source } of found.sort((a, b) => a.uid - b.uid)) {
    const mail = stated.get(uid);
    if (mail === undefined || source === undefined) continue;
    fetched.push(
      source.length === mail.bytes ? asFetched(mail, { bytes: source }, []) : await fetchAgain(client, mail),
    );
  }
  return fetched;
}

/** Fewer or more bytes than stated: once more; some servers state sizes that are not exact, then the mail is taken and says so. */
async function fetchAgain(client: ImapFlow, mail: Listed): Promise<FetchedMail> {
  const again = await client.fetchOne(String(mail.uid), { uid: true, source: true }, { uid: true });
  const source = again === false ? undefined : again.source;
  if (source === undefined) throw new Error('a mail came incomplete and was gone when asked for again');
  return asFetched(mail, { bytes: source }, source.length === mail.bytes ? [] : ['size_mismatch']);
}

async function fetchLarge(client: ImapFlow, mail: Listed, { store, maxBytes }: FetchInto): Promise<FetchedMail[]> {
  const download = await client.download(String(mail.uid), undefined, {
    uid: true,
    chunkSize: 512 * 1024,
    maxBytes: maxBytes * keptFactor,
  });
  if (!('content' in download) || download.content === undefined) return [];
  const stored = await store.put(download.content, { maxBytes: maxBytes * keptFactor });
  if (stored.bytes < mail.bytes && stored.bytes < maxBytes * keptFactor)
    throw new Error('a large mail came incomplete');
  return [asFetched(mail, { stored }, [])];
}

function asFetched(mail: Listed, raw: TakenMail['raw'], flags: readonly string[]): FetchedMail {
  return { uid: mail.uid, raw, flags, ...(mail.internalDate === undefined ? {} : { internalDate: mail.internalDate }) };
}
