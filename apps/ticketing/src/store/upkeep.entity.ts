import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What the search projection has still to do: one row per transaction, so that the consuming path pays next to nothing. */
@Entity({ name: 'search_backlog' })
export class SearchBacklog {
  @PrimaryColumn('bigint', { generated: 'identity', primaryKeyConstraintName: 'search_backlog_pkey' })
  id: string;
  @Column('uuid', { array: true, name: 'ticket_ids' })
  ticketIds: string[];
  @Column('uuid', { array: true, name: 'message_ids' })
  messageIds: string[];
  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}

/** Text of a message without diacritics; the projection lags behind the message by its timer. */
@Entity({ name: 'message_search' })
@Index('message_search_document', { synchronize: false })
export class MessageSearch {
  @PrimaryColumn('uuid', { name: 'message_id', primaryKeyConstraintName: 'message_search_pkey' })
  messageId: string;
  @Column('tsvector')
  document: string;
}

/** Number, reference, subject, names and addresses of a ticket, lower case and without diacritics, for trigrams. */
@Entity({ name: 'ticket_search' })
@Index('ticket_search_label', { synchronize: false })
export class TicketSearch {
  @PrimaryColumn('uuid', { name: 'ticket_id', primaryKeyConstraintName: 'ticket_search_pkey' })
  ticketId: string;
  @Column('text')
  label: string;
}

/** How many automatic acknowledgements an account sent in a minute. */
@Entity({ name: 'acknowledgement_brakes' })
export class AcknowledgementBrake {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'acknowledgement_brakes_pkey' })
  account: string;
  @Column('timestamptz')
  minute: Date;
  @Column('integer')
  used: number;
}

/** Events whose personal content was erased: if their content comes back it is erased again. */
@Entity({ name: 'erased_events' })
export class ErasedEvent {
  @PrimaryColumn('uuid', { name: 'event_id', primaryKeyConstraintName: 'erased_events_pkey' })
  eventId: string;
  @Column('timestamptz', { name: 'erased_at' })
  erasedAt: Date;
}

/** Edits and deletions that came before the message they are about. */
@Entity({ name: 'pending_edits' })
export class PendingEdit {
  @PrimaryColumn('uuid', { name: 'message_id', primaryKeyConstraintName: 'pending_edits_pkey' })
  messageId: string;
  @Column('text', { nullable: true })
  text: string | null;
  @Column('text', { nullable: true })
  html: string | null;
  @Column('timestamptz')
  at: Date;
  @Column('boolean')
  deletion: boolean;
  @Column('json', { nullable: true })
  attachments: unknown;
  @Column('boolean', { name: 'files_only', default: false })
  filesOnly: boolean;
}

/** The answer that was given to a request with an Idempotency-Key. */
@Entity({ name: 'idempotency_keys' })
@Index('idempotency_keys_created', ['createdAt'])
export class IdempotencyKey {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'idempotency_keys_pkey' })
  scope: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'idempotency_keys_pkey' })
  key: string;
  @Column('text', { name: 'body_hash' })
  bodyHash: string;
  @Column('uuid', { name: 'result_id' })
  resultId: string;
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
