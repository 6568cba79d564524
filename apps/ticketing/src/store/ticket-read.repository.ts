import { Injectable } from '@nestjs/common';
import type { Attachment, Call, Channel, DeliveryState, FeedbackKind, IdentityKind, TicketChanged } from '#contracts';
import { Database } from '#postgres';
import type { TicketListRow } from './ticket-list.repository.js';

export interface TicketRow extends TicketListRow {
  readonly id: string;
  readonly conversationKey: string;
  readonly customerMergedInto: string | null;
  readonly identityId: string | null;
  readonly identityKind: IdentityKind | null;
  readonly organizationId: string | null;
  readonly organizationName: string | null;
  readonly segment: string | null;
  readonly language: string | null;
  readonly participants: string[];
  readonly sequence: number;
  readonly openedAt: Date;
  readonly mergedInto: number | null;
  readonly followUpOf: number | null;
}

export interface MessageRow {
  readonly id: string;
  readonly direction: 'inbound' | 'outbound';
  readonly kind: FeedbackKind;
  readonly automatic: boolean;
  readonly channel: Channel;
  readonly account: string;
  readonly authorKind: IdentityKind | null;
  readonly authorValue: string | null;
  readonly authorName: string | null;
  readonly verified: boolean;
  readonly newParticipant: boolean;
  readonly agentId: string | null;
  readonly agentName: string | null;
  readonly providerMessageId: string | null;
  readonly subject: string | null;
  readonly text: string | null;
  readonly html: string | null;
  readonly quoted: string | null;
  readonly language: string | null;
  readonly recipients: { kind: IdentityKind; value: string }[] | null;
  readonly attachments: Attachment[] | null;
  readonly fields: Record<string, string | number | boolean> | null;
  readonly signals: { readonly flags?: string[] } | null;
  readonly call: Call | null;
  readonly copies: { eventId: string; account: string }[] | null;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly editedAt: Date | null;
  readonly deletedAt: Date | null;
  readonly replyReason: string | null;
  readonly repeats: string | null;
  readonly state: DeliveryState | null;
  readonly stateAt: Date | null;
  readonly attempt: number | null;
  readonly errorCode: string | null;
  readonly errorDetail: string | null;
  readonly occurredKey: string;
}

export interface NoteRow {
  readonly id: string;
  readonly agentId: string;
  readonly agentName: string | null;
  readonly text: string;
  readonly createdAt: Date;
}

export interface SuggestionRow {
  readonly number: number;
  readonly subject: string | null;
  readonly status: string;
  readonly reason: string;
  readonly teamId: string | null;
  readonly agentId: string | null;
}

const ticketColumns = `
  t.id, t.number, t.status, t.priority, t.channel, t.account, t.subject, t.reference, t.tags, t.sequence, t.segment,
  t.language, t.participants, t.conversation_key AS "conversationKey", t.customer_id AS "customerId",
  coalesce(customers.name, identities.display_name) AS "customerName", customers.merged_into AS "customerMergedInto",
  t.identity_id AS "identityId", identities.kind AS "identityKind", identities.value AS address, t.organization_id AS "organizationId",
  organizations.name AS "organizationName", t.team_id AS "teamId", teams.name AS "teamName", t.agent_id AS "agentId",
  agents.name AS "agentName", t.category_id AS "categoryId", categories.name AS "categoryName",
  t.opened_at AS "openedAt", t.created_at AS "createdAt", t.updated_at AS "updatedAt", t.resolved_at AS "resolvedAt",
  t.updated_at::text AS "updatedKey", t.window_closes_at AS "windowClosesAt", t.window_closes_at::text AS "windowKey",
  main.number AS "mergedInto", earlier.number AS "followUpOf"`;

const messageColumns = `
  m.id, m.direction, m.kind, m.automatic, m.channel, m.account, identities.kind AS "authorKind",
  identities.value AS "authorValue", m.author_name AS "authorName", m.verified, m.new_participant AS "newParticipant",
  m.agent_id AS "agentId", agents.name AS "agentName", m.provider_message_id AS "providerMessageId", m.subject, m.text,
  m.html, m.quoted, m.language, m.recipients, m.attachments, m.fields, m.signals, m.copies, m.call,
  m.occurred_at AS "occurredAt", m.received_at AS "receivedAt", m.edited_at AS "editedAt", m.deleted_at AS "deletedAt",
  m.reply_reason AS "replyReason", m.repeats, m.state, m.state_at AS "stateAt", m.attempt, m.error_code AS "errorCode",
  m.error_detail AS "errorDetail", m.occurred_at::text AS "occurredKey"`;

/** One ticket with all that hangs on it, by plain reads. */
@Injectable()
export class TicketReadRepository {
  constructor(private readonly database: Database) {}

  async findByNumber(number: number): Promise<TicketRow | undefined> {
    const [ticket] = await this.database.query<TicketRow>({
      name: 'ticket_by_number',
      text: `SELECT ${ticketColumns}
             FROM tickets t
             LEFT JOIN customers ON customers.id = t.customer_id
             LEFT JOIN identities ON identities.id = t.identity_id
             LEFT JOIN organizations ON organizations.id = t.organization_id
             LEFT JOIN teams ON teams.id = t.team_id
             LEFT JOIN agents ON agents.id = t.agent_id
             LEFT JOIN categories ON categories.id = t.category_id
             LEFT JOIN tickets main ON main.id = t.merged_into
             LEFT JOIN tickets earlier ON earlier.id = t.follow_up_of
             WHERE t.number = $1`,
      values: [number],
    });
    return ticket;
  }

  /** Newest first; `before` is the place of the oldest one that the caller has. */
  async messages(ticketId: string, limit: number, before?: readonly string[]): Promise<MessageRow[]> {
    return this.database.query<MessageRow>({
      name: 'ticket_messages',
      text: `SELECT ${messageColumns}
             FROM messages m
             LEFT JOIN identities ON identities.id = m.identity_id
             LEFT JOIN agents ON agents.id = m.agent_id
             WHERE m.ticket_id = $1 AND ($2::timestamptz IS NULL OR (m.occurred_at, m.id) < ($2::timestamptz, $3::uuid))
             ORDER BY m.occurred_at DESC, m.id DESC LIMIT $4`,
      values: [ticketId, before?.[0] ?? null, before?.[1] ?? null, limit],
    });
  }

  async findMessage(id: string): Promise<(MessageRow & MessagePlace) | undefined> {
    const [message] = await this.database.query<MessageRow & MessagePlace>({
      name: 'message_by_id',
      text: `SELECT ${messageColumns}, m.raw, t.team_id AS "ticketTeamId", t.agent_id AS "ticketAgentId",
                    m.ticket_id AS "ticketId"
             FROM messages m
             LEFT JOIN tickets t ON t.id = m.ticket_id
             LEFT JOIN identities ON identities.id = m.identity_id
             LEFT JOIN agents ON agents.id = m.agent_id
             WHERE m.id = $1`,
      values: [id],
    });
    return message;
  }

  /** The newest ones, oldest of them first. */
  async notes(ticketId: string, limit: number): Promise<NoteRow[]> {
    const rows = await this.database.query<NoteRow>({
      name: 'ticket_notes',
      text: `SELECT notes.id, notes.agent_id AS "agentId", agents.name AS "agentName", notes.text,
                    notes.created_at AS "createdAt"
             FROM notes LEFT JOIN agents ON agents.id = notes.agent_id
             WHERE notes.ticket_id = $1 ORDER BY notes.created_at DESC, notes.id DESC LIMIT $2`,
      values: [ticketId, limit],
    });
    return rows.reverse();
  }

  /** The facts of the newest changes, oldest of them first. */
  async timeline(ticketId: string, limit: number): Promise<TicketChanged[]> {
    const rows = await this.database.query<{ facts: TicketChanged[] }>({
      name: 'ticket_timeline',
      text: `SELECT facts FROM timeline WHERE ticket_id = $1 ORDER BY sequence DESC LIMIT $2`,
      values: [ticketId, limit],
    });
    return rows.reverse().flatMap(({ facts }) => facts);
  }

  async suggestions(ticketId: string): Promise<SuggestionRow[]> {
    return this.database.query<SuggestionRow>({
      name: 'ticket_suggestions',
      text: `SELECT t.number, t.subject, t.status, s.reason, t.team_id AS "teamId", t.agent_id AS "agentId"
             FROM suggestions s JOIN tickets t ON t.id = s.related_ticket_id
             WHERE s.ticket_id = $1 AND s.dismissed_at IS NULL ORDER BY s.created_at LIMIT 20`,
      values: [ticketId],
    });
  }

  /** Names of agents by id, for the timeline. */
  async agentNames(ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.database.query<{ id: string; name: string }>({
      name: 'agent_names',
      text: 'SELECT id, name FROM agents WHERE id::text = ANY($1::text[])',
      values: [ids],
    });
    return new Map(rows.map(({ id, name }) => [id, name]));
  }
}

export interface MessagePlace {
  readonly raw: { readonly ref: string; readonly sha256: string; readonly bytes: number } | null;
  readonly ticketId: string | null;
  readonly ticketTeamId: string | null;
  readonly ticketAgentId: string | null;
}
