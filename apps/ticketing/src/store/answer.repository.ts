import { Injectable } from '@nestjs/common';
import type { IdentityKind } from '#contracts';
import type { Transaction } from '#postgres';

export interface AnswerGround {
  /** The mail that an answer goes on from: the newest of the customer's, else the newest of ours that has a Message-ID. */
  readonly answers: { readonly messageId: string; readonly references: readonly string[] } | null;
  readonly to: { readonly id: string; readonly kind: IdentityKind; readonly value: string } | null;
}

interface MailRow {
  readonly messageId: string;
  readonly thread: { readonly references?: readonly string[] } | null;
}

/** What an answer needs to know beside the ticket that it holds. */
@Injectable()
export class AnswerRepository {
  async ground(tx: Transaction, ticketId: string, identityId: string | null): Promise<AnswerGround> {
    const [mail] = await tx.query<MailRow>(
      'answer_parent',
      `SELECT provider_message_id AS "messageId", thread FROM messages
       WHERE ticket_id = $1 AND channel = 'email' AND provider_message_id IS NOT NULL AND NOT (automatic AND direction = 'inbound')
       ORDER BY direction, occurred_at DESC, id DESC LIMIT 1`,
      [ticketId],
    );
    const [to] = await tx.query<NonNullable<AnswerGround['to']>>(
      'answer_identity',
      'SELECT id, kind, value FROM identities WHERE id = $1',
      [identityId],
    );
    const answers =
      mail === undefined ? null : { messageId: mail.messageId, references: mail.thread?.references ?? [] };
    return { answers, to: to ?? null };
  }

  /** Whether the reply is one of this ticket's, so that it may be sent again. */
  async isReplyOf(tx: Transaction, replyId: string, ticketId: string): Promise<boolean> {
    const rows = await tx.query(
      'answer_repeated',
      'SELECT id FROM messages WHERE id = $1 AND ticket_id = $2 AND reply_reason IS NOT NULL',
      [replyId, ticketId],
    );
    return rows.length === 1;
  }

  /** When a reply or a note was asked for; the answer to a repeated request. */
  async writtenAt(tx: Transaction, kind: 'messages' | 'notes', id: string): Promise<Date | undefined> {
    const column = kind === 'messages' ? 'occurred_at' : 'created_at';
    const [row] = await tx.query<{ at: Date }>(`written_${kind}`, `SELECT ${column} AS at FROM ${kind} WHERE id = $1`, [
      id,
    ]);
    return row?.at;
  }
}
