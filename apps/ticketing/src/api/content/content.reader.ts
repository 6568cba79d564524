import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Principal } from '#auth';
import type { Attachment } from '#contracts';
import { Problem } from '#http';
import { FolderStore, StoreError } from '#intake';
import { OriginalReader, OriginalUnavailable } from '#kafka';
import { AttachmentReferenceRepository } from '../../store/attachment-reference.repository.js';
import { AuditRepository } from '../../store/audit.repository.js';
import { isWithin } from '../../store/scope.js';
import { type MessagePlace, type MessageRow, TicketReadRepository } from '../../store/ticket-read.repository.js';
import { TicketAccess } from '../ticket-access.js';

export interface Original {
  readonly name: string;
  readonly bytes: number;
  readonly stream: Readable;
}

const attachmentUnknown = () => new Problem(404, 'attachment_unknown', 'There is no such attachment');
const originalExpired = () => new Problem(410, 'original_expired', 'The original is not kept any more');
const unavailable = () =>
  new Problem(503, 'original_unavailable', 'Originals cannot be read right now', { headers: { 'Retry-After': '10' } });
const sha256Form = /^[0-9a-f]{64}$/;

/** Bytes that customers sent: attachments and originals, within the caller's scope. */
@Injectable()
export class ContentReader {
  constructor(
    private readonly access: TicketAccess,
    private readonly references: AttachmentReferenceRepository,
    private readonly tickets: TicketReadRepository,
    private readonly store: FolderStore,
    private readonly originals: OriginalReader,
    private readonly audit: AuditRepository,
  ) {}

  async attachment(sha256: string, user: Principal): Promise<{ file: Attachment; stream: Readable }> {
    if (!sha256Form.test(sha256)) throw attachmentUnknown();
    const file = await this.references.find(sha256, await this.access.scopeOf(user));
    if (file === undefined) throw attachmentUnknown();
    return { file, stream: await this.open(sha256, attachmentUnknown) };
  }

  async original(id: string, user: Principal): Promise<Original> {
    const message = await this.tickets.findMessage(id);
    const scope = await this.access.scopeOf(user);
    if (message === undefined || !isWithin(scope, { teamId: message.ticketTeamId, agentId: message.ticketAgentId })) {
      throw new Problem(404, 'message_unknown', 'There is no such message');
    }
    const { raw } = message;
    if (raw === null) throw new Problem(404, 'original_unknown', 'The message came from us and has no original');
    const original = raw.ref.startsWith('store:') ? await this.fromStore(message, raw) : await this.fromLog(message);
    await this.audit.appendAlone({ actorId: user.accountId, action: 'original_read', subject: `message:${id}` });
    return original;
  }

  private async fromStore(message: MessageRow, raw: NonNullable<MessagePlace['raw']>): Promise<Original> {
    const stream = await this.open(raw.ref.slice('store:'.length), originalExpired);
    return { name: fileName(message), bytes: raw.bytes, stream };
  }

  private async fromLog(message: MessageRow): Promise<Original> {
    const record = await this.originals.read(message.id, message.receivedAt).catch((error: unknown) => {
      throw error instanceof OriginalUnavailable ? unavailable() : error;
    });
    const bytes = record?.bytes ?? null;
    if (bytes === null) throw originalExpired();
    return { name: fileName(message), bytes: bytes.length, stream: Readable.from([bytes]) };
  }

  private async open(sha256: string, missing: () => Problem): Promise<Readable> {
    return this.store.open(sha256).catch((error: unknown) => {
      if (!(error instanceof StoreError)) throw error;
      throw error.code === 'not_found' ? missing() : unavailable();
    });
  }
}

const extensions: Readonly<Record<string, string>> = { email: 'eml', web_form: 'json' };
const fileName = ({ id, channel }: MessageRow) => `${id}.${extensions[channel] ?? 'bin'}`;
