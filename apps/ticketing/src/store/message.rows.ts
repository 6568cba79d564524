import type { NewMessage, ReplyProgress } from '../domain/message.js';
import { type BulkColumn, BulkInsert, BulkUpdate, iso, isoOrNull } from './bulk-write.js';

const columns: readonly BulkColumn<NewMessage>[] = [
  { name: 'id', type: 'uuid', of: (message) => message.id },
  { name: 'ticket_id', type: 'uuid', of: (message) => message.ticketId },
  { name: 'direction', type: 'text', of: (message) => message.direction },
  { name: 'kind', type: 'text', of: (message) => message.kind },
  { name: 'automatic', type: 'boolean', of: (message) => message.automatic },
  { name: 'channel', type: 'text', of: (message) => message.channel },
  { name: 'account', type: 'text', of: (message) => message.account },
  { name: 'identity_id', type: 'uuid', of: (message) => message.identityId },
  { name: 'author_name', type: 'text', of: (message) => message.authorName },
  { name: 'verified', type: 'boolean', of: (message) => message.verified },
  { name: 'new_participant', type: 'boolean', of: (message) => message.newParticipant },
  { name: 'agent_id', type: 'uuid', of: (message) => message.agentId },
  { name: 'provider_message_id', type: 'text', of: (message) => message.providerMessageId },
  { name: 'subject', type: 'text', of: (message) => message.subject },
  { name: 'text', type: 'text', of: (message) => message.text },
  { name: 'html', type: 'text', of: (message) => message.html },
  { name: 'quoted', type: 'text', of: (message) => message.quoted },
  { name: 'language', type: 'text', of: (message) => message.language },
  { name: 'recipients', type: 'json', of: (message) => message.recipients },
  { name: 'attachments', type: 'json', of: (message) => message.attachments },
  { name: 'fields', type: 'json', of: (message) => message.fields },
  { name: 'signals', type: 'json', of: (message) => message.signals },
  { name: 'raw', type: 'json', of: (message) => message.raw },
  { name: 'thread', type: 'json', of: (message) => message.thread },
  { name: 'call', type: 'json', of: (message) => message.call },
  { name: 'occurred_at', type: 'timestamptz', of: (message) => iso(message.occurredAt) },
  { name: 'received_at', type: 'timestamptz', of: (message) => iso(message.receivedAt) },
  { name: 'edited_at', type: 'timestamptz', of: (message) => isoOrNull(message.editedAt) },
  { name: 'deleted_at', type: 'timestamptz', of: (message) => isoOrNull(message.deletedAt) },
  { name: 'reply_reason', type: 'text', of: (message) => message.replyReason },
  { name: 'repeats', type: 'uuid', of: (message) => message.repeats },
  { name: 'instead_of', type: 'text', of: (message) => message.insteadOf },
  { name: 'state', type: 'text', of: (message) => message.state },
  { name: 'state_at', type: 'timestamptz', of: (message) => isoOrNull(message.stateAt) },
  { name: 'attempt', type: 'integer', of: (message) => (message.state === null ? null : 0) },
  { name: 'answered_at', type: 'timestamptz', of: (message) => isoOrNull(message.answeredAt) },
];

export const insertMessages = new BulkInsert<NewMessage>('messages', columns);

export const updateProgress = new BulkUpdate<ReplyProgress>(
  'messages',
  [
    { name: 'id', type: 'uuid', of: (progress) => progress.messageId },
    { name: 'state', type: 'text', of: (progress) => progress.state },
    { name: 'state_at', type: 'timestamptz', of: (progress) => iso(progress.stateAt) },
    { name: 'attempt', type: 'integer', of: (progress) => progress.attempt },
    { name: 'error_code', type: 'text', of: (progress) => progress.errorCode },
    { name: 'error_detail', type: 'text', of: (progress) => progress.errorDetail },
    { name: 'provider_message_id', type: 'text', of: (progress) => progress.providerMessageId },
    { name: 'answered_at', type: 'timestamptz', of: (progress) => isoOrNull(progress.answeredAt) },
  ],
  'progress',
);

export const appendCopiesText = `
  update messages set copies = coalesce(messages.copies, '[]'::jsonb) || given.copies
  from (
    select id, jsonb_agg(copy order by position) as copies
    from unnest($1::uuid[], $2::jsonb[]) with ordinality as one (id, copy, position) group by id
  ) as given where messages.id = given.id`;

export const moveMessagesText = `
  update messages set ticket_id = given.target
  from unnest($1::uuid[], $2::uuid[]) as given (source, target) where messages.ticket_id = given.source`;

export const moveNotesText = `
  update notes set ticket_id = given.target
  from unnest($1::uuid[], $2::uuid[]) as given (source, target) where notes.ticket_id = given.source`;

const givenAmendments =
  'unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::boolean[], $6::json[], $7::boolean[]) as given (id, text, html, at, deletion, attachments, files_only)';

/** Files come beside those that are there, however often they are told; what was deleted or erased gets none. */
export const amendFilesText = `
  update messages set
    attachments = coalesce(messages.attachments::jsonb || (
      select jsonb_agg(file) from jsonb_array_elements(given.attachments::jsonb) as file
      where not messages.attachments::jsonb @> jsonb_build_array(jsonb_build_object('sha256', file->'sha256'))
    ), messages.attachments::jsonb, given.attachments::jsonb)::json,
    signals = case when given.files_only and messages.signals->'flags' is not null
      then jsonb_set(messages.signals::jsonb, '{flags}', (messages.signals::jsonb->'flags') - 'media_missing')::json
      else messages.signals end
  from ${givenAmendments}
  where messages.id = given.id and given.attachments is not null and messages.deleted_at is null
    and not exists (select from erased_events where event_id = given.id)`;

/** A later edit wins over an earlier one; a deletion over all. */
export const amendMessagesText = `
  update messages set
    text = case when given.deletion then null when messages.deleted_at is null then given.text else messages.text end,
    html = case when given.deletion then null when messages.deleted_at is null then given.html else messages.html end,
    quoted = case when given.deletion then null else messages.quoted end,
    edited_at = case when given.deletion then messages.edited_at else given.at end,
    deleted_at = case when given.deletion then given.at else messages.deleted_at end
  from ${givenAmendments}
  where messages.id = given.id and not given.files_only and (given.deletion or messages.edited_at is null or messages.edited_at < given.at)`;

/** An amendment whose message has not come yet. */
export const keepAmendmentsText = `
  insert into pending_edits (message_id, text, html, at, deletion, attachments, files_only)
  select given.id, given.text, given.html, given.at, given.deletion, given.attachments, given.files_only from ${givenAmendments}
  where not exists (select from messages where messages.id = given.id)
  on conflict (message_id) do update set
    text = case when excluded.files_only then pending_edits.text else excluded.text end,
    html = case when excluded.files_only then pending_edits.html else excluded.html end,
    at = case when excluded.files_only then pending_edits.at else excluded.at end,
    deletion = pending_edits.deletion or excluded.deletion,
    attachments = coalesce(excluded.attachments, pending_edits.attachments),
    files_only = pending_edits.files_only and excluded.files_only
  where pending_edits.at < excluded.at or excluded.deletion or excluded.files_only or pending_edits.files_only`;
