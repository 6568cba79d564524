import type { TicketSnapshot } from '#contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One change of a ticket: the facts that it emitted, in order. */
@Entity({ name: 'timeline' })
export class TimelineEntry {
  @PrimaryColumn('uuid', { name: 'ticket_id', primaryKeyConstraintName: 'timeline_pkey' })
  ticketId: string;
  /** Sequence of the first of the facts. */
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'timeline_pkey' })
  sequence: number;
  /** TicketChanged[] (contracts) without ticket id, number and snapshot. */
  @Column('json')
  facts: unknown;
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}

@Entity({ name: 'notes' })
@Index('notes_ticket', ['ticketId', 'createdAt'])
export class Note {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'notes_pkey' })
  id: string;
  @Column('uuid', { name: 'ticket_id' })
  ticketId: string;
  @Column('uuid', { name: 'agent_id' })
  agentId: string;
  @Column('text')
  text: string;
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}

/** A `responded` fact that stands; the response clocks are recomputed against these, and what no longer holds is taken back. */
@Entity({ name: 'responses' })
@Index('responses_ticket', ['ticketId'])
export class ResponseRecord {
  @PrimaryColumn('uuid', { name: 'fact_id', primaryKeyConstraintName: 'responses_pkey' })
  factId: string;
  @Column('uuid', { name: 'ticket_id' })
  ticketId: string;
  @Column('text')
  clock: 'first' | 'next';
  @Column('uuid', { name: 'message_id' })
  messageId: string;
  @Column('timestamptz', { name: 'since' })
  since: Date;
  @Column('timestamptz', { name: 'at' })
  at: Date;
  @Column('integer', { name: 'wait_seconds' })
  waitSeconds: number;
  /** Of the fact: a retraction goes into the bucket that it was counted in. */
  @Column('json')
  snapshot: TicketSnapshot;
}

@Entity({ name: 'audit' })
@Index('audit_at', ['at'])
export class AuditEntry {
  @PrimaryColumn('bigint', { generated: 'identity', primaryKeyConstraintName: 'audit_pkey' })
  id: string;
  @Column('timestamptz')
  at: Date;
  @Column('uuid', { name: 'actor_id', nullable: true })
  actorId: string | null;
  @Column('text')
  action: string;
  @Column('text')
  subject: string;
  @Column('jsonb', { nullable: true })
  detail: unknown;
}
