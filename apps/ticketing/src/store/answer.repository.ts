import { Injectable } from '@nestjs/common';
import type { Channel, FeedbackKind, IdentityKind } from '#contracts';
import { Database, type Transaction } from '#postgres';
import type { AnswerGround, Contact, LastWord } from '../domain/answer-ground.js';
import type { ReachabilityState } from '../domain/reachability.js';

/** Whose answer is looked for. */
export interface AnsweredTicket {
  readonly id: string;
  readonly customerId: string;
  readonly identityId: string | null;
}

interface ContactRow {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly value: string;
  readonly verified: boolean;
  readonly states: readonly { readonly channel: Channel; readonly state: ReachabilityState; readonly at: string }[];
}

interface WordRow {
  readonly identityId: string;
  readonly channel: Channel;
  readonly account: string;
  readonly kind: FeedbackKind;
  readonly at: Date;
  readonly messageId: string | null;
  readonly conversationId: string | null;
  readonly onTicket: boolean;
}

interface MailRow {
  readonly messageId: string;
  readonly thread: { readonly references?: readonly string[] } | null;
}

type Ask = <Row extends object>(name: string, text: string, values: readonly unknown[]) => Promise<Row[]>;

/** Of a customer with many tickets the newest are enough: what was said before is out of every window. */
const ticketsLookedAt = 50;

/** What an answer needs to know beside the ticket. */
@Injectable()
export class AnswerRepository {
  constructor(private readonly database: Database) {}

  /** Within a transaction that holds the ticket, or, to look only, without. */
  async ground(ticket: AnsweredTicket, tx?: Transaction): Promise<AnswerGround> {
    const ask: Ask = (name, text, values) =>
      tx === undefined ? this.database.query({ name, text, values: [...values] }) : tx.query(name, text, values);
    const contacts = await findContacts(ask, ticket);
    if (contacts.length === 0) return { contacts, words: [], mail: null };
    const words = await findWords(ask, ticket, contacts);
    return { contacts, words, mail: await findMail(ask, ticket.id) };
  }

  /** Whether the reply is one of this ticket's, so that it may be sent again. */
  async isReplyOf(tx: Transaction, replyId: string, ticketId: string): Promise<boolean> {
    const rows = await tx.query(
      'answer_repeated',
      'SELECT id FROM messages WHERE id = $1 AND ticket_id = $2 AND reply_reason IS NOT NULL',
      [replyId, ticketId],
    );
    return rows.length === 1;
  }

  /** When a reply or a note was asked for; the answer to a repeated request. */
  async writtenAt(tx: Transaction, kind: 'messages' | 'notes', id: string): Promise<Date | undefined> {
    const column = kind === 'messages' ? 'occurred_at' : 'created_at';
    const [row] = await tx.query<{ at: Date }>(`written_${kind}`, `SELECT ${column} AS at FROM ${kind} WHERE id = $1`, [
      id,
    ]);
    return row?.at;
  }
}

async function findContacts(ask: Ask, ticket: AnsweredTicket): Promise<Contact[]> {
  const rows = await ask<ContactRow>(
    'answer_contacts',
    `SELECT i.id, i.kind, i.value, i.verified,
            coalesce((SELECT json_agg(json_build_object('channel', r.channel, 'state', r.state, 'at', r.at))
                      FROM reachability r WHERE r.identity_id = i.id), '[]') AS states
     FROM identities i WHERE i.customer_id = $1 OR i.id = $2 ORDER BY i.created_at, i.id LIMIT 100`,
    [ticket.customerId, ticket.identityId],
  );
  return rows.map(({ states, ...row }) => ({
    ...row,
    states: states.map(({ channel, state, at }) => ({ channel, state, at: new Date(at) })),
  }));
}

/** The newest from each identity on each channel to each account, on this ticket and on the customer's others. */
async function findWords(ask: Ask, ticket: AnsweredTicket, contacts: readonly Contact[]): Promise<LastWord[]> {
  return ask<WordRow>(
    'answer_words',
    `SELECT DISTINCT ON (m.identity_id, m.channel, m.account, m.ticket_id = $1)
            m.identity_id AS "identityId", m.channel, m.account, m.kind, m.occurred_at AS at,
            m.provider_message_id AS "messageId", m.thread ->> 'conversationId' AS "conversationId",
            m.ticket_id = $1 AS "onTicket"
     FROM messages m
     WHERE m.ticket_id IN (SELECT $1::uuid UNION
                           (SELECT id FROM tickets WHERE customer_id = $2 ORDER BY number DESC LIMIT ${ticketsLookedAt}))
       AND m.identity_id = ANY($3::uuid[]) AND m.direction = 'inbound' AND NOT m.automatic AND m.kind <> 'erase_request'
     ORDER BY m.identity_id, m.channel, m.account, m.ticket_id = $1, m.occurred_at DESC, m.id DESC`,
    [ticket.id, ticket.customerId, contacts.map(({ id }) => id)],
  );
}

/** The mail that a mail goes on from: the newest of the customer's, else the newest of ours that has a Message-ID. */
async function findMail(ask: Ask, ticketId: string): Promise<AnswerGround['mail']> {
  const [mail] = await ask<MailRow>(
    'answer_parent',
    `SELECT provider_message_id AS "messageId", thread FROM messages
     WHERE ticket_id = $1 AND channel = 'email' AND provider_message_id IS NOT NULL AND NOT (automatic AND direction = 'inbound')
     ORDER BY direction, occurred_at DESC, id DESC LIMIT 1`,
    [ticketId],
  );
  return mail === undefined ? null : { messageId: mail.messageId, references: mail.thread?.references ?? [] };
}
