import { Inject, Injectable } from '@nestjs/common';
import { Readable } from 'node:stream';
import { uuidV5 } from '#contracts';
import {
  type AttachmentStore,
  type IntakePipeline,
  type Original,
  OutboundRepository,
  type StoredBytes,
} from '#intake';
import type { LedgerEntry } from '#kafka';
import { counter, type Logger } from '#observability';
import type { NormalizedMail } from '../normalize/mail.js';
import { refusalNotice } from '../normalize/refusal.js';
import type { FolderName, Mailbox } from './accounts.js';
import { refusalText } from './refusal-text.js';
import { MailParser, type Parsed } from './parse/mail-parser.js';
import type { RawMail } from './parse/parse-task.js';

/** A mail in our hands: small ones as bytes, large ones already in the store. */
export interface TakenMail extends Omit<RawMail, 'raw'> {
  readonly raw: { readonly bytes: Buffer } | { readonly stored: StoredBytes };
  readonly entry: LedgerEntry;
}

/** Neither broker nor database took it. Nothing may be acknowledged; try again later. */
export class IntakeBusy extends Error {
  constructor(readonly retryAfterSeconds: number) {
    super('neither the broker nor the database takes mail at the moment');
  }
}

export const PIPELINE = 'INTAKE_PIPELINE';
export const STORE = 'ATTACHMENT_STORE';
const contentType = 'message/rfc822';
const headBytes = 64 * 1024;

const bounced = counter({
  name: 'phanhoi_mail_bounced_total',
  help: 'Replies of ours that came back, by the account that had sent them',
  labelNames: ['account', 'permanent'],
});

/** The path of a mail: parse and normalize in a thread, publish event and original, then what follows for our replies. */
@Injectable()
export class MailIntake {
  constructor(
    @Inject(MailParser) private readonly parser: MailParser,
    @Inject(PIPELINE) private readonly pipeline: Pick<IntakePipeline, 'enter' | 'accept' | 'quarantine' | 'reconciled'>,
    @Inject(STORE) private readonly store: AttachmentStore,
    @Inject(OutboundRepository) private readonly outbound: OutboundRepository,
    @Inject('LOGGER') private readonly logger: Logger,
  ) {}

  /** A mail has been read from its mailbox: it counts in the ledger from now on. */
  enter(mailbox: Mailbox): LedgerEntry {
    return this.pipeline.enter('email', mailbox.id);
  }

  /** Reading has come to the end of the mailbox: with a cursor that passes over nothing, all until then has been taken. */
  noteReadUntil(mailbox: Mailbox, to: Date): void {
    this.pipeline.reconciled('email', mailbox.id, { from: new Date(0), to, fetched: 0 });
  }

  parse(mailbox: Mailbox, folder: FolderName, mails: readonly TakenMail[]): Promise<Parsed[]> {
    return leftToTheServer(mails, this.parser.parse({ account: mailbox.mail, folder, mails: mails.map(asRawMail) }));
  }

  /**
   * Resolves when every mail is durable: its event and original, or its dead letter. Files are kept before the first event leaves, so
   * that the events leave together and arrive as few batches.
   */
  async publish(
    mailbox: Mailbox,
    folder: FolderName,
    mails: readonly TakenMail[],
    parsed: readonly Parsed[],
  ): Promise<void> {
    await leftToTheServer(mails, Promise.all(parsed.map((result) => this.keepFiles(result))));
    await Promise.all(
      mails.map(async (mail, index) => {
        const result = parsed[index];
        if (result === undefined) throw new Error('a mail has no result');
        await leftToTheServer([mail], this.settle(mailbox, folder, mail, result.mail));
      }),
    );
  }

  private async keepFiles({ files }: Parsed): Promise<void> {
    for (const file of files) {
      if (await this.store.has(file.sha256)) continue;
      await this.store.put(Readable.from([Buffer.from(file.bytes)]), { maxBytes: file.bytes.byteLength });
    }
  }

  private async settle(
    mailbox: Mailbox,
    folder: FolderName,
    mail: TakenMail,
    normalized: NormalizedMail,
  ): Promise<void> {
    switch (normalized.kind) {
      case 'own_copy':
        mail.entry.end('noted');
        return await this.outbound.confirmSent([normalized.replyId]);
      case 'refused':
        return await this.quarantine(mailbox, folder, mail, normalized);
      case 'feedback': {
        const outcome = await this.pipeline.accept({ event: normalized.event, original: originalOf(mail) }, mail.entry);
        if (outcome.kind === 'busy') throw new IntakeBusy(outcome.retryAfterSeconds);
        await this.outbound.confirmSent(normalized.answeredReplyIds);
        if (normalized.returned !== undefined) await this.markReturned(mailbox, normalized.returned);
      }
    }
  }

  private async markReturned(
    mailbox: Mailbox,
    returned: NonNullable<Extract<NormalizedMail, { kind: 'feedback' }>['returned']>,
  ): Promise<void> {
    const { replyId, permanent, status } = returned;
    const moved = await this.outbound.move(replyId, {
      to: 'failed',
      error: { code: 'bounced', permanent, ...(status === undefined ? {} : { detail: status }) },
    });
    if (!moved) return;
    bounced.inc({ account: mailbox.id, permanent: String(permanent) });
    this.logger.info({ replyId, status, permanent }, 'a reply came back');
  }

  private async quarantine(
    mailbox: Mailbox,
    folder: FolderName,
    mail: TakenMail,
    refused: Extract<NormalizedMail, { kind: 'refused' }>,
  ): Promise<void> {
    const { reason, step, detail } = refused;
    const outcome = await this.pipeline.quarantine(
      {
        channel: 'email',
        account: mailbox.id,
        ...('bytes' in mail.raw ? { bytes: mail.raw.bytes } : { bytes: Buffer.alloc(0), stored: mail.raw.stored }),
        reason,
        step,
        detail,
        context: {
          folder,
          ...(mail.internalDate === undefined ? {} : { internalDate: mail.internalDate.toISOString() }),
        },
      },
      mail.entry,
    );
    if (outcome.kind === 'busy') throw new IntakeBusy(outcome.retryAfterSeconds);
    if (folder === 'inbox' && mail.receivedVia !== 'backfill' && mail.receivedVia !== 'replay')
      await this.tellSender(mailbox, mail, reason);
  }

  /** Once per sender: the id of the notice is made of the two addresses. */
  private async tellSender(mailbox: Mailbox, mail: TakenMail, reason: string): Promise<void> {
    const notice = refusalNotice(await this.headOf(mail), mailbox.mail);
    if (notice === undefined) return;
    await this.outbound.addNotice({
      kind: 'notice',
      id: uuidV5('refusal-notice', mailbox.id, notice.to),
      account: mailbox.id,
      to: notice.to,
      subject: notice.subject,
      text: refusalText(reason),
      ...(notice.messageId === undefined ? {} : { inReplyTo: notice.messageId }),
    });
  }

  private async headOf(mail: TakenMail): Promise<Buffer> {
    if ('bytes' in mail.raw) return mail.raw.bytes.subarray(0, headBytes);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of await this.store.open(mail.raw.stored.sha256)) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes >= headBytes) break;
    }
    return Buffer.concat(chunks).subarray(0, headBytes);
  }
}

/** Work that fails leaves its mails where they lie, to be read again: a no, to the ledger. */
async function leftToTheServer<Done>(mails: readonly TakenMail[], work: Promise<Done>): Promise<Done> {
  try {
    return await work;
  } catch (error) {
    for (const { entry } of mails) entry.end('refused');
    throw error;
  }
}

function asRawMail({ raw, entry: _, ...mail }: TakenMail): RawMail {
  return { ...mail, raw: 'bytes' in raw ? raw : { sha256: raw.stored.sha256 } };
}

function originalOf({ raw }: TakenMail): Original {
  return 'bytes' in raw ? { bytes: raw.bytes, contentType } : { stored: raw.stored, contentType };
}
