import { Injectable } from '@nestjs/common';
import {
  replyFamily,
  replyRequestedMessage,
  type TicketChanged,
  ticketChangedMessage,
  type WireMessage,
} from '#contracts';
import { appendOutbox, type Transaction } from '#postgres';
import type { ClockEntry, StandingResponse } from '../domain/response-clock.js';
import type { TicketState } from '../domain/ticket.js';
import type { TicketChange } from '../domain/ticket-change.js';
import type { TicketWork } from '../domain/ticket-work.js';
import {
  deleteResponsesText,
  insertNotes,
  insertResponses,
  insertSuggestions,
  insertTimeline,
  type TimelineRow,
} from './history.rows.js';
import {
  amendFilesText,
  amendMessagesText,
  appendCopiesText,
  insertMessages,
  keepAmendmentsText,
  moveMessagesText,
  moveNotesText,
  updateProgress,
} from './message.rows.js';
import { packForOutbox } from './outbox-pack.js';
import { saveReachability } from './reachability.rows.js';
import { insertTickets, lockTicketsText, updateTickets } from './ticket.rows.js';

/** A ticket turned out to be merged into one that this transaction does not hold: roll back and start with both. */
export class TicketsMovedError extends Error {
  constructor(readonly ticketIds: readonly string[]) {
    super('tickets were merged into tickets that are not held');
    this.name = 'TicketsMovedError';
  }
}

/** The one way to tickets for everything that changes them: lock in id order, load, and, after the decisions, store. */
@Injectable()
export class TicketStore {
  /** Locks the tickets and what they were merged into, and puts them into the unit of work. */
  async lock(tx: Transaction, work: TicketWork, ticketIds: readonly string[]): Promise<void> {
    if (ticketIds.length === 0) return;
    const tickets = await tx.query<TicketState>('tickets_lock', lockTicketsText, [[...new Set(ticketIds)].sort()]);
    for (const ticket of tickets) work.hold(ticket);
    const missing = tickets.flatMap(({ mergedInto }) =>
      mergedInto !== null && work.find(mergedInto) === undefined ? [mergedInto] : [],
    );
    if (missing.length > 0) throw new TicketsMovedError(missing);
  }

  /** Loads what the response clocks need; tickets that no person has answered have nothing to compare. */
  async loadClocks(tx: Transaction, work: TicketWork, ticketIds: readonly string[]): Promise<void> {
    if (ticketIds.length === 0) return;
    const entries = await tx.query<{
      ticketId: string;
      id: string;
      answer: boolean;
      at: Date;
      agentId: string | null;
      isReply: boolean;
    }>(
      'clock_entries',
      `select ticket_id as "ticketId", id, direction = 'outbound' as answer, agent_id as "agentId",
              reply_reason is not null as "isReply", case when direction = 'inbound' then occurred_at else answered_at end as at
       from messages
       where ticket_id = any ($1::uuid[]) and not automatic and (direction = 'inbound' or answered_at is not null)`,
      [ticketIds],
    );
    for (const { ticketId, id, answer, at, agentId, isReply } of entries) {
      const entry: ClockEntry = {
        messageId: id,
        side: answer ? 'answer' : 'customer',
        at,
        ...(isReply ? { replyId: id } : {}),
        ...(agentId === null ? {} : { agentId }),
      };
      work.addEntry(ticketId, entry);
    }
    const standing = await tx.query<StandingResponse & { ticketId: string }>(
      'responses_standing',
      `select ticket_id as "ticketId", fact_id as "factId", clock, message_id as "messageId", since, at,
              wait_seconds as "waitSeconds", snapshot
       from responses where ticket_id = any ($1::uuid[])`,
      [ticketIds],
    );
    for (const { ticketId, ...response } of standing) {
      work.standing.set(ticketId, [...(work.standing.get(ticketId) ?? []), response]);
    }
  }

  /** Writes what was decided, with set-based statements only, and the facts and replies into the outbox. */
  async applyChanges(tx: Transaction, work: TicketWork): Promise<void> {
    const now = work.clock.now.toISOString();
    const changes = [...work.all()].filter(({ facts, altered }) => altered || facts.length > 0);
    const row = ({ ticket }: TicketChange) => ({ ticket, now });
    await insertTickets.run(tx, changes.filter(({ isNew }) => isNew).map(row));
    await updateTickets.run(tx, changes.filter(({ isNew }) => !isNew).map(row));
    await this.storeMessages(tx, work);
    await insertNotes.run(
      tx,
      work.notes.map((note) => ({ ...note, now })),
    );
    await insertSuggestions.run(
      tx,
      work.suggestions.map((suggestion) => ({ ...suggestion, now })),
    );
    await saveReachability(tx, work.reachability);
    if (work.retracted.length > 0) await tx.execute('responses_delete', deleteResponsesText, [work.retracted]);
    await insertResponses.run(tx, work.responded);
    await this.publishFacts(tx, work, changes, now);
    await this.noteForSearch(tx, work, changes);
  }

  private async storeMessages(tx: Transaction, work: TicketWork): Promise<void> {
    await insertMessages.run(tx, work.messages);
    await updateProgress.run(tx, [...work.progress.values()]);
    if (work.moves.length > 0) {
      // One after the other: a ticket may move into one that moves itself.
      for (const { from, to } of work.moves) {
        await tx.execute('messages_move', moveMessagesText, [[from], [to]]);
        await tx.execute('notes_move', moveNotesText, [[from], [to]]);
      }
    }
    if (work.copies.length > 0) {
      const copies = work.copies.map(({ eventId, account }) => JSON.stringify({ eventId, account }));
      await tx.execute('messages_copies', appendCopiesText, [work.copies.map(({ messageId }) => messageId), copies]);
    }
    for (const { messageId, text, html, at, deletion, attachments, filesOnly } of work.amendments) {
      const values = [[messageId], [text], [html], [at.toISOString()], [deletion], [attachments], [filesOnly]];
      if (attachments !== null) await tx.execute('messages_amend_files', amendFilesText, values);
      await tx.execute('messages_amend', amendMessagesText, values);
      await tx.execute('messages_amend_later', keepAmendmentsText, values);
    }
  }

  private async publishFacts(
    tx: Transaction,
    work: TicketWork,
    changes: readonly TicketChange[],
    now: string,
  ): Promise<void> {
    const messages: WireMessage[] = [];
    const timeline: TimelineRow[] = [];
    for (const { ticket, facts, trace } of changes) {
      for (const fact of facts) messages.push(ticketChangedMessage(fact, trace));
      const [first] = facts;
      if (first !== undefined)
        timeline.push({ ticketId: ticket.id, sequence: first.sequence, facts: historyOf(facts), now });
    }
    for (const reply of work.replies) {
      const family = replyFamily(reply.channel);
      if (family === undefined) throw new Error(`nobody sends replies on the channel ${reply.channel}`);
      messages.push(replyRequestedMessage(family, reply, work.find(reply.ticketId)?.trace));
    }
    await insertTimeline.run(tx, timeline);
    await appendOutbox(tx, packForOutbox(messages));
  }

  /** One row a transaction for the search projection, which runs behind the consuming path. */
  private async noteForSearch(tx: Transaction, work: TicketWork, changes: readonly TicketChange[]): Promise<void> {
    const tickets = changes
      .filter(({ isNew, ticket }) => isNew || ticket.mergedInto !== null)
      .map(({ ticket }) => ticket.id);
    const messages = [...work.messages.map(({ id }) => id), ...work.amendments.map(({ messageId }) => messageId)];
    if (tickets.length + messages.length === 0) return;
    await tx.execute(
      'search_backlog_insert',
      'insert into search_backlog (ticket_ids, message_ids) values ($1::uuid[], $2::uuid[])',
      [tickets, messages],
    );
  }
}

/** Facts as the timeline keeps them: what the ticket's row says anyway, and the snapshot for reports, are left out. */
function historyOf(facts: readonly TicketChanged[]): string {
  return JSON.stringify(facts.map(({ ticketId: _ticket, number: _number, snapshot: _snapshot, ...told }) => told));
}
