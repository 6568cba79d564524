import { setTimeout as delay } from 'node:timers/promises';
import type { ImapFlow } from 'imapflow';
import { type Listed, toSequenceSet } from './fetch-plan.js';

const watchdogMs = 15_000;
const dayMs = 86_400_000;
const listedAtMost = 5_000;

/** UIDs in rising order. */
export async function searchUids(client: ImapFlow, query: { uid: string } | { since: Date }): Promise<number[]> {
  const found = await client.search(query, { uid: true });
  if (!Array.isArray(found)) throw new Error('the server does not answer a search');
  return found.sort((a, b) => a - b);
}

/** What the server states of these mails; those that are gone are left out. */
export async function listMails(client: ImapFlow, uids: readonly number[]): Promise<Listed[]> {
  const wanted = new Set(uids);
  const found = await client.fetchAll(
    toSequenceSet(uids),
    { uid: true, size: true, internalDate: true },
    { uid: true },
  );
  return found
    .filter((mail) => wanted.has(mail.uid))
    .map(({ uid, size = 0, internalDate }) => ({
      uid,
      bytes: size,
      ...(internalDate === undefined ? {} : { internalDate: new Date(internalDate) }),
    }));
}

/** The lowest UID among the mails that arrived at that moment or later; IMAP itself searches by day only. */
export async function firstUidSince(client: ImapFlow, moment: Date): Promise<number | undefined> {
  const sameDay = await searchUids(client, { since: new Date(moment.getTime() - dayMs) });
  // Those of interest lie at the end.
  const listed = sameDay.length === 0 ? [] : await listMails(client, sameDay.slice(-listedAtMost));
  const later = listed.filter(({ internalDate }) => internalDate !== undefined && internalDate >= moment);
  return later.length === 0 ? undefined : Math.min(...later.map(({ uid }) => uid));
}

/** Rejects when the server does not answer in time: a half-dead connection would keep us waiting for ever. */
export async function answered(command: Promise<void>): Promise<void> {
  const late = new AbortController();
  const timeout = delay(watchdogMs, undefined, { signal: late.signal }).then(() => {
    throw Object.assign(new Error('the server does not answer'), { code: 'silent' });
  });
  // Settled below either way; the loser's rejection is expected.
  timeout.catch(() => undefined);
  command.catch(() => undefined);
  await Promise.race([command, timeout]).finally(() => late.abort());
}
