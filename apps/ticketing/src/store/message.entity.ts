import type { Channel, DeliveryState, FeedbackKind, ReplyReason } from '#contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A message in either direction. Inbound: id is the event's id. Outbound through us: id is the reply's id. */
@Entity({ name: 'messages' })
@Index('messages_attachments', { synchronize: false })
@Index('messages_calls', { synchronize: false })
@Index('messages_rerouted', ['identityId', 'occurredAt'], { where: 'instead_of IS NOT NULL' })
@Index('messages_ticket', ['ticketId', 'occurredAt'])
@Index('messages_without_ticket', ['receivedAt'], { where: 'ticket_id IS NULL' })
export class Message {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'messages_pkey' })
  id: string;
  /** Null: automatic mail that belongs to no ticket. */
  @Column('uuid', { name: 'ticket_id', nullable: true })
  ticketId: string | null;
  @Column('text')
  direction: 'inbound' | 'outbound';
  @Column('text')
  kind: FeedbackKind;
  @Column('boolean')
  automatic: boolean;
  @Column('text')
  channel: Channel;
  @Column('text')
  account: string;
  @Column('uuid', { name: 'identity_id', nullable: true })
  identityId: string | null;
  @Column('text', { name: 'author_name', nullable: true })
  authorName: string | null;
  @Column('boolean', { default: false })
  verified: boolean;
  @Column('boolean', { name: 'new_participant', default: false })
  newParticipant: boolean;
  @Column('uuid', { name: 'agent_id', nullable: true })
  agentId: string | null;
  @Column('text', { name: 'provider_message_id', nullable: true })
  providerMessageId: string | null;
  @Column('text', { nullable: true })
  subject: string | null;
  @Column('text', { nullable: true })
  text: string | null;
  @Column('text', { nullable: true })
  html: string | null;
  @Column('text', { nullable: true })
  quoted: string | null;
  @Column('text', { nullable: true })
  language: string | null;
  /** What only the reader of the message needs, null where there is nothing. */
  @Column('json', { nullable: true })
  recipients: unknown;
  @Column('json', { nullable: true })
  attachments: unknown;
  @Column('json', { nullable: true })
  fields: unknown;
  @Column('json', { nullable: true })
  signals: unknown;
  /** Where the original lies: {ref, sha256, bytes}. */
  @Column('json', { nullable: true })
  raw: unknown;
  /** In-Reply-To and References as they came. */
  @Column('json', { nullable: true })
  thread: unknown;
  /** Of calls: what the exchange or the record says, and by which of these it came. */
  @Column('json', { nullable: true })
  call: unknown;
  /** The same mail as it came to other mailboxes of ours: [{eventId, account}]. */
  @Column('jsonb', { nullable: true })
  copies: unknown;
  @Column('timestamptz', { name: 'occurred_at' })
  occurredAt: Date;
  @Column('timestamptz', { name: 'received_at' })
  receivedAt: Date;
  @Column('timestamptz', { name: 'edited_at', nullable: true })
  editedAt: Date | null;
  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
  @Column('text', { name: 'reply_reason', nullable: true })
  replyReason: ReplyReason | null;
  /** "Send again": the reply that this one repeats. */
  @Column('uuid', { name: 'repeats', nullable: true })
  repeats: string | null;
  /** Of an answer that left by another channel than the customer's last word came on: that channel. */
  @Column('text', { name: 'instead_of', nullable: true })
  insteadOf: Channel | null;
  @Column('text', { nullable: true })
  state: DeliveryState | null;
  @Column('timestamptz', { name: 'state_at', nullable: true })
  stateAt: Date | null;
  @Column('integer', { nullable: true })
  attempt: number | null;
  @Column('text', { name: 'error_code', nullable: true })
  errorCode: string | null;
  @Column('text', { name: 'error_detail', nullable: true })
  errorDetail: string | null;
  /** When it first counted as an answer (sent or delivered); taken away by a bounce. */
  @Column('timestamptz', { name: 'answered_at', nullable: true })
  answeredAt: Date | null;
}
