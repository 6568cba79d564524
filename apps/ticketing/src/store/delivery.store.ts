import { Injectable } from '@nestjs/common';
import type { Transaction } from '#postgres';
import type { ReplyState } from '../domain/decide-delivery.js';
import { BulkInsert } from './bulk-write.js';

export interface ForeignReference {
  readonly key: string;
  readonly messageId: string;
  readonly ticketId: string;
}

const insertReferences = new BulkInsert<ForeignReference>(
  'mail_references',
  [
    { name: 'key', type: 'uuid', of: (reference) => reference.key },
    { name: 'message_id', type: 'uuid', of: (reference) => reference.messageId },
    { name: 'ticket_id', type: 'uuid', of: (reference) => reference.ticketId },
  ],
  `on conflict (key) do update set
     message_id = coalesce(mail_references.message_id, excluded.message_id),
     ticket_id = coalesce(mail_references.ticket_id, excluded.ticket_id)`,
  'insert_foreign',
);

@Injectable()
export class DeliveryStore {
  async findReplies(tx: Transaction, ids: readonly string[]): Promise<ReplyState[]> {
    return tx.query<ReplyState>(
      'replies_find',
      `select id, ticket_id as "ticketId", automatic, agent_id as "agentId", identity_id as "identityId", channel, state, attempt,
              answered_at as "answeredAt"
       from messages where id = any ($1::uuid[]) and reply_reason is not null and ticket_id is not null`,
      [ids],
    );
  }

  /** Rows of mail_references come before tickets in the lock order. */
  async rememberReferences(tx: Transaction, references: readonly ForeignReference[]): Promise<void> {
    const sorted = [...new Map(references.map((reference) => [reference.key, reference])).values()];
    await insertReferences.run(
      tx,
      sorted.sort((a, b) => (a.key < b.key ? -1 : 1)),
    );
  }
}
