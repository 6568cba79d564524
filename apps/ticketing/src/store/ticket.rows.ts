import type { TicketState } from '../domain/ticket.js';
import { arrayLiteral, type BulkColumn, BulkInsert, BulkUpdate, iso, isoOrNull } from './bulk-write.js';

export interface TicketRow {
  readonly ticket: TicketState;
  readonly now: string;
}

const id: BulkColumn<TicketRow> = { name: 'id', type: 'uuid', of: ({ ticket }) => ticket.id };

const changing: readonly BulkColumn<TicketRow>[] = [
  { name: 'status', type: 'text', of: ({ ticket }) => ticket.status },
  { name: 'priority', type: 'text', of: ({ ticket }) => ticket.priority },
  { name: 'customer_id', type: 'uuid', of: ({ ticket }) => ticket.customerId },
  { name: 'identity_id', type: 'uuid', of: ({ ticket }) => ticket.identityId },
  { name: 'organization_id', type: 'uuid', of: ({ ticket }) => ticket.organizationId },
  { name: 'segment', type: 'text', of: ({ ticket }) => ticket.segment },
  { name: 'team_id', type: 'uuid', of: ({ ticket }) => ticket.teamId },
  { name: 'agent_id', type: 'uuid', of: ({ ticket }) => ticket.agentId },
  { name: 'category_id', type: 'uuid', of: ({ ticket }) => ticket.categoryId },
  { name: 'tags', type: 'text', cast: 'text[]', of: ({ ticket }) => arrayLiteral(ticket.tags) },
  { name: 'participants', type: 'text', cast: 'text[]', of: ({ ticket }) => arrayLiteral(ticket.participants) },
  { name: 'sequence', type: 'integer', of: ({ ticket }) => ticket.sequence },
  { name: 'updated_at', type: 'timestamptz', of: ({ now }) => now },
  { name: 'merged_into', type: 'uuid', of: ({ ticket }) => ticket.mergedInto },
  { name: 'touched', type: 'boolean', of: ({ ticket }) => ticket.touched },
  { name: 'answered', type: 'boolean', of: ({ ticket }) => ticket.answered },
  { name: 'acknowledged', type: 'boolean', of: ({ ticket }) => ticket.acknowledged },
  { name: 'touches', type: 'integer', of: ({ ticket }) => ticket.touches },
  { name: 'transfers', type: 'integer', of: ({ ticket }) => ticket.transfers },
  { name: 'reopens', type: 'integer', of: ({ ticket }) => ticket.reopens },
  { name: 'resolved_at', type: 'timestamptz', of: ({ ticket }) => isoOrNull(ticket.resolvedAt) },
  { name: 'window_closes_at', type: 'timestamptz', of: ({ ticket }) => isoOrNull(ticket.windowClosesAt) },
  {
    name: 'resolution',
    type: 'jsonb',
    of: ({ ticket }) => (ticket.resolution === null ? null : JSON.stringify(ticket.resolution)),
  },
];

const lasting: readonly BulkColumn<TicketRow>[] = [
  { name: 'number', type: 'integer', of: ({ ticket }) => ticket.number },
  { name: 'subject', type: 'text', of: ({ ticket }) => ticket.subject },
  { name: 'channel', type: 'text', of: ({ ticket }) => ticket.channel },
  { name: 'account', type: 'text', of: ({ ticket }) => ticket.account },
  { name: 'conversation_key', type: 'text', of: ({ ticket }) => ticket.conversationKey },
  { name: 'reference', type: 'text', of: ({ ticket }) => ticket.reference },
  { name: 'language', type: 'text', of: ({ ticket }) => ticket.language },
  { name: 'opened_at', type: 'timestamptz', of: ({ ticket }) => iso(ticket.openedAt) },
  { name: 'created_at', type: 'timestamptz', of: ({ ticket }) => iso(ticket.createdAt) },
  { name: 'follow_up_of', type: 'uuid', of: ({ ticket }) => ticket.followUpOf },
];

export const insertTickets = new BulkInsert<TicketRow>('tickets', [id, ...lasting, ...changing]);
export const updateTickets = new BulkUpdate<TicketRow>('tickets', [id, ...changing], 'change');

/**
 * Locks tickets in id order and reads them behind the lock. The tickets that they were merged into are locked along, so that
 * a batch seldom has to start again.
 */
export const lockTicketsText = `
  select id, number, status, priority, subject, channel, account, conversation_key as "conversationKey",
         customer_id as "customerId", identity_id as "identityId", organization_id as "organizationId", segment,
         team_id as "teamId", agent_id as "agentId", category_id as "categoryId", tags, reference, language, participants,
         sequence, opened_at as "openedAt", created_at as "createdAt", follow_up_of as "followUpOf",
         merged_into as "mergedInto", touched, answered, acknowledged, touches, transfers, reopens,
         resolved_at as "resolvedAt", window_closes_at as "windowClosesAt", resolution
  from tickets
  where id = any (array(
    select unnest($1::uuid[])
    union select merged_into from tickets where id = any ($1::uuid[]) and merged_into is not null))
  order by id for update`;
