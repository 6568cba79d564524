import type { StandingResponse } from '../domain/response-clock.js';
import type { NewNote, NewSuggestion } from '../domain/ticket-work.js';
import { BulkInsert, iso } from './bulk-write.js';

export interface TimelineRow {
  readonly ticketId: string;
  readonly sequence: number;
  /** A JSON array, see TimelineEntry. */
  readonly facts: string;
  readonly now: string;
}

export const insertTimeline = new BulkInsert<TimelineRow>('timeline', [
  { name: 'ticket_id', type: 'uuid', of: (row) => row.ticketId },
  { name: 'sequence', type: 'integer', of: (row) => row.sequence },
  { name: 'facts', type: 'json', of: (row) => row.facts },
  { name: 'created_at', type: 'timestamptz', of: (row) => row.now },
]);

export const insertNotes = new BulkInsert<NewNote & { readonly now: string }>('notes', [
  { name: 'id', type: 'uuid', of: (note) => note.id },
  { name: 'ticket_id', type: 'uuid', of: (note) => note.ticketId },
  { name: 'agent_id', type: 'uuid', of: (note) => note.agentId },
  { name: 'text', type: 'text', of: (note) => note.text },
  { name: 'created_at', type: 'timestamptz', of: (note) => note.now },
]);

export const insertSuggestions = new BulkInsert<NewSuggestion & { readonly now: string }>(
  'suggestions',
  [
    { name: 'ticket_id', type: 'uuid', of: (suggestion) => suggestion.ticketId },
    { name: 'related_ticket_id', type: 'uuid', of: (suggestion) => suggestion.relatedTicketId },
    { name: 'reason', type: 'text', of: (suggestion) => suggestion.reason },
    { name: 'created_at', type: 'timestamptz', of: (suggestion) => suggestion.now },
  ],
  'on conflict do nothing',
);

export const insertResponses = new BulkInsert<{ readonly ticketId: string; readonly response: StandingResponse }>(
  'responses',
  [
    { name: 'fact_id', type: 'uuid', of: ({ response }) => response.factId },
    { name: 'ticket_id', type: 'uuid', of: ({ ticketId }) => ticketId },
    { name: 'clock', type: 'text', of: ({ response }) => response.clock },
    { name: 'message_id', type: 'uuid', of: ({ response }) => response.messageId },
    { name: 'since', type: 'timestamptz', of: ({ response }) => iso(response.since) },
    { name: 'at', type: 'timestamptz', of: ({ response }) => iso(response.at) },
    { name: 'wait_seconds', type: 'integer', of: ({ response }) => response.waitSeconds },
    { name: 'snapshot', type: 'json', of: ({ response }) => JSON.stringify(response.snapshot) },
  ],
);

export const deleteResponsesText = 'delete from responses where fact_id = any ($1::uuid[])';
