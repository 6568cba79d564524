import type { Attachment, Call, TicketChanged } from '#contracts';
import type { AnswerRoute, RouteRefusal } from '../../domain/answer-route.js';
import { ticketNumber } from '../../domain/ticket.js';
import type { TicketListRow } from '../../store/ticket-list.repository.js';
import type { MessageRow, NoteRow, SuggestionRow, TicketRow } from '../../store/ticket-read.repository.js';
import type { AnswerWayDto } from './answer-way.dto.js';
import type {
  AttachmentDto,
  CallDto,
  DeliveryDto,
  MessageDto,
  NoteDto,
  SuggestionDto,
  TicketDto,
  TimelineEntryDto,
} from './ticket.dto.js';
import type { NamedDto, TicketItemDto } from './ticket-list.dto.js';

type Present<T> = { [Key in keyof T]?: Exclude<T[Key], null | undefined> };

/** Leaves out what is null or undefined: absent fields are absent in the answer. */
export function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as Present<T>;
}

const iso = (date: Date | null) => date?.toISOString();
const named = (id: string | null, name: string | null): NamedDto | undefined =>
  id === null ? undefined : { id, name: name ?? '' };

export function ticketItem(row: TicketListRow, prefix: string): TicketItemDto {
  return {
    number: ticketNumber(prefix, row.number),
    status: row.status,
    priority: row.priority,
    channel: row.channel,
    account: row.account,
    customer: { id: row.customerId, ...present({ name: row.customerName, address: row.address }) },
    tags: row.tags,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    ...present({
      subject: row.subject,
      team: named(row.teamId, row.teamName),
      agent: named(row.agentId, row.agentName),
      category: named(row.categoryId, row.categoryName),
      reference: row.reference,
      resolvedAt: iso(row.resolvedAt),
      windowClosesAt: iso(row.windowClosesAt),
    }),
  };
}

function attachmentView(file: Attachment): AttachmentDto {
  return { ...file, scan: 'not_scanned' } as AttachmentDto;
}

function deliveryView(row: MessageRow): DeliveryDto | undefined {
  if (row.state === null) return undefined;
  const error = row.errorCode === null ? undefined : { code: row.errorCode, ...present({ detail: row.errorDetail }) };
  return {
    state: row.state,
    at: (row.stateAt ?? row.occurredAt).toISOString(),
    attempt: row.attempt ?? 0,
    ...present({ error }),
  };
}

function callView({ direction, from, to, startedAt, answeredAt, durationSeconds, outcome, ...more }: Call): CallDto {
  const { agent, recordingRef } = more;
  return { direction, to, startedAt, durationSeconds, outcome, ...present({ from, answeredAt, agent, recordingRef }) };
}

export function messageView(row: MessageRow): MessageDto {
  const identity =
    row.authorKind === null || row.authorValue === null ? undefined : { kind: row.authorKind, value: row.authorValue };
  const isOurs = row.replyReason !== null;
  return {
    id: row.id,
    direction: row.direction,
    kind: row.kind,
    automatic: row.automatic,
    channel: row.channel,
    account: row.account,
    author: {
      verified: row.verified,
      newParticipant: row.newParticipant,
      // The identity of an answer of ours is the one that it goes to.
      ...present({
        name: row.authorName,
        identity: isOurs ? undefined : identity,
        agent: named(row.agentId, row.agentName),
      }),
    },
    text: row.text ?? '',
    at: row.occurredAt.toISOString(),
    receivedAt: row.receivedAt.toISOString(),
    attachments: (row.attachments ?? []).map(attachmentView),
    flags: row.signals?.flags ?? [],
    ...present({
      eventId: isOurs ? undefined : row.id,
      recipients: isOurs && identity !== undefined ? [identity] : row.recipients,
      subject: row.subject,
      html: row.html,
      quoted: row.quoted,
      language: row.language,
      providerMessageId: row.providerMessageId,
      fields: row.fields,
      call: row.call === null ? undefined : callView(row.call),
      copies: row.copies === null || row.copies.length === 0 ? undefined : row.copies,
      editedAt: iso(row.editedAt),
      deletedAt: iso(row.deletedAt),
      reason: row.replyReason,
      repeats: row.repeats,
      delivery: deliveryView(row),
    }),
  };
}

function noteView(row: NoteRow): NoteDto {
  return {
    id: row.id,
    agent: { id: row.agentId, name: row.agentName ?? '' },
    text: row.text,
    at: row.createdAt.toISOString(),
  };
}

function timelineView(fact: TicketChanged, names: ReadonlyMap<string, string>): TimelineEntryDto {
  const {
    id: _id,
    ticketId: _ticketId,
    number: _number,
    snapshot: _snapshot,
    sequence,
    at,
    type,
    actor,
    ...details
  } = fact;
  const name = actor.id === undefined ? undefined : names.get(actor.id);
  return { sequence, at, type, actor: { kind: actor.kind, ...present({ id: actor.id, name }) }, details };
}

function suggestionView(row: SuggestionRow, prefix: string): SuggestionDto {
  return {
    number: ticketNumber(prefix, row.number),
    status: row.status,
    reason: row.reason,
    ...present({ subject: row.subject }),
  };
}

function answerView(route: AnswerRoute | RouteRefusal): AnswerWayDto {
  if (route.kind === 'refused') return { refused: route.reason, tried: [...route.tried] };
  const { channel, account, to, closesAt, insteadOf, fallback } = route;
  return { channel, account, address: to.value, ...present({ windowClosesAt: iso(closesAt), insteadOf, fallback }) };
}

export interface TicketParts {
  readonly ticket: TicketRow;
  /** In order of time. */
  readonly messages: readonly MessageRow[];
  readonly earlierMessages: string | undefined;
  readonly notes: readonly NoteRow[];
  readonly timeline: readonly TicketChanged[];
  readonly agentNames: ReadonlyMap<string, string>;
  readonly suggestions: readonly SuggestionRow[];
  /** Undefined for a closed ticket. */
  readonly answer: AnswerRoute | RouteRefusal | undefined;
}

export function ticketView(parts: TicketParts, prefix: string): TicketDto {
  const { ticket } = parts;
  return {
    ...ticketItem(ticket, prefix),
    id: ticket.id,
    sequence: ticket.sequence,
    participants: ticket.participants.map((key) => {
      const colon = key.indexOf(':');
      return { kind: key.slice(0, colon), value: key.slice(colon + 1) };
    }),
    messages: parts.messages.map(messageView),
    notes: parts.notes.map(noteView),
    timeline: parts.timeline.map((fact) => timelineView(fact, parts.agentNames)),
    suggestions: parts.suggestions.map((row) => suggestionView(row, prefix)),
    ...present({
      organization: named(ticket.organizationId, ticket.organizationName),
      segment: ticket.segment,
      language: ticket.language,
      followUpOf: ticket.followUpOf === null ? undefined : ticketNumber(prefix, ticket.followUpOf),
      earlierMessages: parts.earlierMessages,
      answer: parts.answer === undefined ? undefined : answerView(parts.answer),
    }),
  };
}
