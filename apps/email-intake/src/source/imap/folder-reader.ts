import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ImapFlow, MailboxObject } from 'imapflow';
import { failpoint } from '#env';
import type { AttachmentStore } from '#intake';
import type { Logger, LoopWatch } from '#observability';
import { type HeldLease, type Lease, LeaseLostError } from '#postgres';
import type {
  Cursor,
  FolderKey,
  MailboxRepository,
  MailboxState,
  StoredCursor,
} from '../../store/mailbox.repository.js';
import type { FolderName, Mailbox } from '../accounts.js';
import type { MailIntake, TakenMail } from '../mail-intake.js';
import type { SignIn } from '../sign-in/sign-ins.js';
import { connect, createImapClient, describeImapError } from './connection.js';
import { type FetchStep, planFetch } from './fetch-plan.js';
import { type FetchedMail, fetchStep } from './fetch-step.js';
import { answered, firstUidSince, listMails, searchUids } from './folder-queries.js';
import { OrderedLine, settledWith } from './ordered-line.js';

const listedAtOnce = 1_000;
/** Batches between the server and the log: one on its way here, one or two being parsed, one being published. */
const batchesInFlight = 3;
const dayMs = 86_400_000;
/** To the second, as mail servers keep time. */
const processStart = new Date(Math.floor(performance.timeOrigin / 1_000) * 1_000);
const firstBackoffMs = 500;
const longestBackoffMs = 30_000;
/** How often the ledger is told that a mailbox is read to its end. */
const statementEveryMs = 60_000;

export interface FolderReaderParts {
  readonly mailbox: Mailbox;
  readonly signIn: SignIn;
  readonly folder: FolderName;
  readonly mailboxes: MailboxRepository;
  readonly intake: Pick<MailIntake, 'enter' | 'noteReadUntil' | 'parse' | 'publish'>;
  readonly store: AttachmentStore;
  readonly maxBytes: number;
  readonly pollMs: number;
  readonly logger: Logger;
  readonly loop: LoopWatch;
}

/** Follows one folder by (UIDVALIDITY, last UID) for as long as the lease is held. Reads only: never a flag is set. */
export class FolderReader {
  private readonly key: FolderKey;
  private backoffMs = firstBackoffMs;
  /** Seen not to exist: whatever it holds when it does came after we began. */
  private wasMissing = false;
  private notedReadAt = 0;

  constructor(private readonly parts: FolderReaderParts) {
    this.key = { account: parts.mailbox.id, folder: parts.folder };
  }

  /** Resolves when the signal is aborted or the lease is lost; everything else is met with a fresh connection after a pause. */
  async run({ lease, signal }: HeldLease): Promise<void> {
    while (!signal.aborted) {
      this.parts.loop.turn();
      try {
        await this.connected((client) => this.follow(client, lease, signal), signal);
      } catch (error) {
        if (error instanceof LeaseLostError) return;
        if (signal.aborted) return;
        await this.backOff(error, signal);
      }
    }
  }

  private async connected(work: (client: ImapFlow) => Promise<void>, signal: AbortSignal): Promise<void> {
    await this.note('connecting');
    const { mailbox, signIn } = this.parts;
    const secret = await signIn.secret();
    const client = createImapClient(mailbox, secret);
    // An 'error' without a listener would end the process; what it says comes again as the rejection of the command in hand.
    client.on('error', (error: Error) => this.parts.logger.debug({ err: error }, 'imap connection'));
    const hangUp = () => client.close();
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      await connect(client, signIn, secret);
      await work(client);
    } finally {
      signal.removeEventListener('abort', hangUp);
      client.close();
    }
  }

  private async follow(client: ImapFlow, lease: Lease, signal: AbortSignal): Promise<void> {
    const { mailbox, folder } = this.parts;
    const path = folder === 'inbox' ? mailbox.options.inbox : mailbox.options.sentFolder;
    const box = await client.mailboxOpen(path, { readOnly: true });
    let news = true;
    client.on('exists', () => (news = true));
    let cursor = await this.cursorFor(client, box, lease);
    while (!signal.aborted) {
      this.parts.loop.turn();
      if (news) {
        news = false;
        const began = new Date();
        cursor = await this.catchUp(client, cursor, lease, signal);
        this.backoffMs = firstBackoffMs;
        if (folder === 'inbox' && !signal.aborted) this.noteReadUntil(began);
        await this.note('watching', { serverUidNext: cursor.lastUid + 1 });
      }
      if (!news) await this.waitForNews(client, signal);
      if (signal.aborted) return;
      // A half-dead IDLE says nothing for ever: the server must answer a NOOP in time, and tells what is new with it.
      if (!news) {
        await answered(client.noop());
        news = true;
      }
    }
  }

  private noteReadUntil(time: Date): void {
    if (time.getTime() - this.notedReadAt < statementEveryMs) return;
    this.notedReadAt = time.getTime();
    this.parts.intake.noteReadUntil(this.parts.mailbox, time);
  }

  /** Where to go on: behind the last mail taken, or, on a folder whose UIDs were given anew, from the day of the last one. */
  private async cursorFor(client: ImapFlow, box: MailboxObject, lease: Lease): Promise<Cursor> {
    const stored = await this.parts.mailboxes.findCursor(this.key);
    if (stored !== undefined && stored.uidValidity === box.uidValidity) return stored;
    const cursor = await this.firstCursor(client, box, stored);
    await this.parts.mailboxes.startAt(this.key, cursor, lease);
    this.parts.logger.info(
      { ...this.key, uidValidity: String(box.uidValidity), rescan: stored !== undefined },
      'folder started',
    );
    return cursor;
  }

  private async firstCursor(client: ImapFlow, box: MailboxObject, stored: StoredCursor | undefined): Promise<Cursor> {
    const { uidValidity, uidNext } = box;
    const { since } = this.parts.mailbox.options;
    const rescan = stored && new Date((stored.lastInternalDate ?? stored.createdAt).getTime() - dayMs);
    const scanSince = rescan ?? (since === undefined ? undefined : new Date(since));
    if (scanSince !== undefined) return { uidValidity, lastUid: 0, scanSince, backfillUntil: uidNext - 1 };
    if (this.wasMissing) return { uidValidity, lastUid: 0, backfillUntil: 0 };
    // "Now" is when this process began to look after the mailbox: a mail that came while it was connecting is not passed over.
    const first = await firstUidSince(client, processStart);
    return { uidValidity, lastUid: (first ?? uidNext) - 1, backfillUntil: 0 };
  }

  /** Takes everything behind the cursor. The cursor moves only behind what is durable. */
  private async catchUp(client: ImapFlow, from: Cursor, lease: Lease, signal: AbortSignal): Promise<Cursor> {
    const uids = await this.newUids(client, from);
    if (uids.length === 0) return from;
    await this.note('reading', { serverUidNext: uidNextOf(client) });
    const line = new OrderedLine(batchesInFlight);
    let cursor = from;
    try {
      for (let at = 0; at < uids.length && !signal.aborted; at += listedAtOnce) {
        for (const step of planFetch(await listMails(client, uids.slice(at, at + listedAtOnce)))) {
          if (signal.aborted) break;
          const fetched = await fetchStep(client, step, this.parts);
          cursor = { ...cursor, lastUid: lastUidOf(step) };
          await line.push(this.take(fetched, step, cursor, lease, line.last));
          this.parts.loop.turn();
        }
      }
    } finally {
      await line.drained();
    }
    return cursor;
  }

  private async take(
    fetched: readonly FetchedMail[],
    step: FetchStep,
    cursor: Cursor,
    lease: Lease,
    earlier: Promise<void>,
  ): Promise<void> {
    const { mailbox, folder, intake, mailboxes } = this.parts;
    const receivedAt = new Date();
    const mails: TakenMail[] = fetched.map(({ uid, ...mail }) => ({
      ...mail,
      entry: intake.enter(mailbox),
      receivedAt,
      receivedVia: uid <= cursor.backfillUntil ? 'backfill' : 'poll',
    }));
    const parsed = await settledWith(intake.parse(mailbox, folder, mails), earlier);
    await intake.publish(mailbox, folder, mails, parsed);
    failpoint('mail_published');
    const dates = fetched.flatMap((mail) => mail.internalDate?.getTime() ?? []);
    const newest = dates.length === 0 ? undefined : new Date(Math.max(...dates));
    await mailboxes.moveCursor(
      this.key,
      {
        uid: lastUidOf(step),
        uidValidity: cursor.uidValidity,
        ...(newest === undefined ? {} : { internalDate: newest }),
      },
      lease,
    );
    // A line that breaks again and again but carries mail in between is worth an attempt at once.
    this.backoffMs = firstBackoffMs;
  }

  private async newUids(client: ImapFlow, cursor: Cursor): Promise<number[]> {
    // "n:*" names the last mail even if its UID is below n.
    const uids = await searchUids(client, { uid: `${cursor.lastUid + 1}:*` });
    const behind = uids.filter((uid) => uid > cursor.lastUid);
    if (cursor.scanSince === undefined || cursor.lastUid >= cursor.backfillUntil) return behind;
    const since = new Set(await searchUids(client, { since: cursor.scanSince }));
    return behind.filter((uid) => uid > cursor.backfillUntil || since.has(uid));
  }

  /** Until the server announces something, the poll is due, the connection ends or we stop. */
  private async waitForNews(client: ImapFlow, signal: AbortSignal): Promise<void> {
    const settled = new AbortController();
    const ends = { signal: AbortSignal.any([signal, settled.signal]) };
    const quiet = (error: unknown) => {
      if (!ends.signal.aborted) throw error;
    };
    try {
      await Promise.race([
        once(client, 'exists', ends).catch(quiet),
        once(client, 'close', ends).catch(quiet),
        delay(this.parts.pollMs, undefined, ends).catch(quiet),
      ]);
    } finally {
      settled.abort();
    }
    if (!client.usable && !signal.aborted)
      throw Object.assign(new Error('the server closed the connection'), { code: 'closed' });
  }

  private async backOff(error: unknown, signal: AbortSignal): Promise<void> {
    const { state, reason } = describeImapError(error);
    this.wasMissing ||= state === 'no_folder';
    const level = state === 'no_folder' ? 'debug' : 'warn';
    this.parts.logger[level](
      { err: error, ...this.key, state, backoffMs: this.backoffMs },
      'folder cannot be read, trying again',
    );
    await this.note(state, { error: reason });
    await delay(this.backoffMs * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    this.backoffMs = Math.min(this.backoffMs * 2, longestBackoffMs);
  }

  /** What is shown must not hinder what is done: without a database the state is not shown. */
  private async note(state: MailboxState, facts: { error?: string; serverUidNext?: number } = {}): Promise<void> {
    try {
      await this.parts.mailboxes.noteState(this.key, state, facts);
    } catch (error) {
      this.parts.logger.debug({ err: error, ...this.key }, 'the state of a folder could not be noted');
    }
  }
}

function lastUidOf(step: FetchStep): number {
  return step.kind === 'alone' ? step.mail.uid : (step.mails.at(-1)?.uid ?? 0);
}

function uidNextOf(client: ImapFlow): number {
  return client.mailbox === false ? 0 : client.mailbox.uidNext;
}
