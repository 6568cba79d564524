import type { Channel, TicketPriority, TicketStatus } from '#contracts';
import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { Resolution } from '../domain/ticket.js';

@Entity({ name: 'tickets' })
@Unique('tickets_number', ['number'])
@Index('tickets_reference', ['reference'], { where: 'reference IS NOT NULL' })
@Index('tickets_status', ['status', 'number'])
@Index('tickets_customer', ['customerId'])
@Index('tickets_team', ['teamId', 'number'], { where: 'team_id IS NOT NULL' })
@Index('tickets_agent', ['agentId', 'number'], { where: 'agent_id IS NOT NULL' })
@Index('tickets_created', ['createdAt'])
@Index('tickets_updated', ['updatedAt', 'number'])
@Index('tickets_channel', ['channel', 'number'])
@Index('tickets_priority', ['priority', 'number'], { where: "priority <> 'normal'" })
@Index('tickets_category', ['categoryId', 'number'], { where: 'category_id IS NOT NULL' })
@Index('tickets_window', ['windowClosesAt', 'number'], { where: 'window_closes_at IS NOT NULL' })
@Index('tickets_resolved', ['resolvedAt'], { where: "status = 'resolved'" })
export class Ticket {
  /** UUID version 7: rises with creation. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'tickets_pkey' })
  id: string;
  @Column('integer')
  number: number;
  @Column('text')
  status: TicketStatus;
  @Column('text')
  priority: TicketPriority;
  @Column('text', { nullable: true })
  subject: string | null;
  @Column('text')
  channel: Channel;
  @Column('text')
  account: string;
  @Column('text', { name: 'conversation_key' })
  conversationKey: string;
  @Column('uuid', { name: 'customer_id' })
  customerId: string;
  /** Whom an answer goes to; null for anonymous forms. */
  @Column('uuid', { name: 'identity_id', nullable: true })
  identityId: string | null;
  @Column('uuid', { name: 'organization_id', nullable: true })
  organizationId: string | null;
  @Column('text', { nullable: true })
  segment: string | null;
  @Column('uuid', { name: 'team_id', nullable: true })
  teamId: string | null;
  @Column('uuid', { name: 'agent_id', nullable: true })
  agentId: string | null;
  @Column('uuid', { name: 'category_id', nullable: true })
  categoryId: string | null;
  @Column('text', { array: true, default: '{}' })
  tags: string[];
  @Column('text', { nullable: true })
  reference: string | null;
  @Column('text', { nullable: true })
  language: string | null;
  /** `kind:value` of everybody in From, To and Cc of the messages: who may join by a mere reference. */
  @Column('text', { array: true, default: '{}' })
  participants: string[];
  /** Number of the last fact; the API's ETag. */
  @Column('integer')
  sequence: number;
  /** When the first message occurred; durations start here. */
  @Column('timestamptz', { name: 'opened_at' })
  openedAt: Date;
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;
  @Column('uuid', { name: 'follow_up_of', nullable: true })
  followUpOf: string | null;
  @Column('uuid', { name: 'merged_into', nullable: true })
  mergedInto: string | null;
  /** Set by the first thing that a person of ours does; an untouched ticket may be merged by machine. */
  @Column('boolean', { default: false })
  touched: boolean;
  /** An outbound message by a person exists, so response clocks have to be looked at. */
  @Column('boolean', { default: false })
  answered: boolean;
  @Column('boolean', { default: false })
  acknowledged: boolean;
  @Column('integer', { default: 0 })
  touches: number;
  @Column('integer', { default: 0 })
  transfers: number;
  @Column('integer', { default: 0 })
  reopens: number;
  @Column('timestamptz', { name: 'resolved_at', nullable: true })
  resolvedAt: Date | null;
  /** When the network that the customer used last takes no answer any more; null for mail, forms and whatever never closes. */
  @Column('timestamptz', { name: 'window_closes_at', nullable: true })
  windowClosesAt: Date | null;
  @Column('jsonb', { nullable: true })
  resolution: Resolution | null;
}
