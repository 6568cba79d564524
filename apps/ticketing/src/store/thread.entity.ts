import type { Channel } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'conversations' })
export class Conversation {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'conversations_pkey' })
  key: string;
  @Column('text')
  channel: Channel;
  @Column('text')
  account: string;
  @Column('uuid', { name: 'ticket_id', nullable: true })
  ticketId: string | null;
}

/** A Message-ID that was seen, or was only referred to so far. Its row is the lock on which parent and reply meet. */
@Entity({ name: 'mail_references' })
export class MailReference {
  /** The first 16 bytes of sha256 of the Message-ID: these come in any length. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'mail_references_pkey' })
  key: string;
  /** The ticket of the message that has this Message-ID; null while nothing with it came. */
  @Column('uuid', { name: 'ticket_id', nullable: true })
  ticketId: string | null;
  @Column('uuid', { name: 'message_id', nullable: true })
  messageId: string | null;
  /** Hash of that message's body, to tell a copy from another mail with the same Message-ID. */
  @Column('text', { nullable: true })
  revision: string | null;
  /** Tickets of replies that came before their parent. */
  @Column('uuid', { array: true, default: '{}' })
  waiting: string[];
}

/** What people should look at: tickets that seem related but lack the proof to join by themselves. */
@Entity({ name: 'suggestions' })
export class Suggestion {
  @PrimaryColumn('uuid', { name: 'ticket_id', primaryKeyConstraintName: 'suggestions_pkey' })
  ticketId: string;
  @PrimaryColumn('uuid', { name: 'related_ticket_id', primaryKeyConstraintName: 'suggestions_pkey' })
  relatedTicketId: string;
  @Column('text')
  reason: 'related' | 'late_parent';
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
  @Column('timestamptz', { name: 'dismissed_at', nullable: true })
  dismissedAt: Date | null;
}
