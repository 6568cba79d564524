import { Injectable } from '@nestjs/common';
import type { Attachment } from '#contracts';
import { Database } from '#postgres';
import { scopeCondition, scopeValues, type TicketScope } from './scope.js';

/** Which messages refer to stored bytes. */
@Injectable()
export class AttachmentReferenceRepository {
  constructor(private readonly database: Database) {}

  /** The attachment as the newest message has it that is on a ticket within the scope. */
  async find(sha256: string, scope: TicketScope): Promise<Attachment | undefined> {
    const [row] = await this.database.query<{ attachments: Attachment[] }>({
      name: 'attachment_reference',
      text: `SELECT m.attachments FROM messages m JOIN tickets t ON t.id = m.ticket_id
             WHERE m.attachments IS NOT NULL AND m.attachments::jsonb @> $1::jsonb AND ${scopeCondition('t', 2)}
             ORDER BY m.received_at DESC LIMIT 1`,
      values: [JSON.stringify([{ sha256 }]), ...scopeValues(scope)],
    });
    return row?.attachments.find((file) => file.sha256 === sha256);
  }
}
