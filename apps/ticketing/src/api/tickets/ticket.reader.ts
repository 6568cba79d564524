import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#auth';
import { parseTicketNumber, ticketNumber } from '../../domain/ticket.js';
import { isWithin, type TicketScope } from '../../store/scope.js';
import { TicketListRepository } from '../../store/ticket-list.repository.js';
import { placeOf } from '../../store/ticket-order.js';
import { TICKET_PREFIX } from '../../store/ticket-unit.js';
import { type MessageRow, TicketReadRepository, type TicketRow } from '../../store/ticket-read.repository.js';
import { Cursors } from '../cursors.js';
import { pageOf } from '../list.dto.js';
import { TicketAccess } from '../ticket-access.js';
import { AnswerRouting } from './answer-routing.js';
import type { MessageListDto, TicketDto } from './ticket.dto.js';
import { ticketUnknown } from './ticket.problems.js';
import { messageView, ticketItem, ticketView } from './ticket-view.js';
import type { TicketListDto, TicketListQuery } from './ticket-list.dto.js';

const shown = { messages: 200, notes: 200, changes: 500 } as const;

export type FoundTicket =
  | { readonly kind: 'ticket'; readonly ticket: TicketDto }
  | { readonly kind: 'merged'; readonly into: string };

/** The questions that callers ask about tickets. */
@Injectable()
export class TicketReader {
  constructor(
    @Inject(TICKET_PREFIX) private readonly prefix: string,
    private readonly access: TicketAccess,
    private readonly lists: TicketListRepository,
    private readonly tickets: TicketReadRepository,
    private readonly cursors: Cursors,
    private readonly routing: AnswerRouting,
  ) {}

  async list(
    { cursor, limit, sort, q, agent, ...filter }: TicketListQuery,
    principal: Principal,
  ): Promise<TicketListDto> {
    const scope = await this.access.scopeOf(principal);
    const whose = agent === 'me' ? principal.accountId : agent;
    const question = { list: 'tickets', sort, q, agent: whose, ...filter, caller: scopeKey(scope) };
    const codec = await this.cursors.codec();
    const text = q?.trim();
    const rows = await this.lists.list({
      scope,
      sort,
      filter: {
        ...filter,
        agent: whose,
        q: text === undefined || text === '' ? undefined : { text, number: numberIn(text, this.prefix) },
      },
      after: cursor === undefined ? undefined : codec.decode(question, cursor),
      limit: limit + 1,
    });
    return pageOf(rows, limit, {
      item: (row) => ticketItem(row, this.prefix),
      cursor: (last) => codec.encode(question, placeOf(last, sort)),
    });
  }

  async find(number: string, principal: Principal): Promise<FoundTicket> {
    const ticket = await this.visible(number, principal);
    if (ticket.mergedInto !== null) return { kind: 'merged', into: ticketNumber(this.prefix, ticket.mergedInto) };
    return { kind: 'ticket', ticket: await this.view(ticket, principal) };
  }

  /** The ticket after a change of the caller's own, also when that change took it out of his sight. */
  async afterChange(number: string, principal: Principal): Promise<TicketDto> {
    const parsed = parseTicketNumber(this.prefix, number);
    const ticket = parsed === undefined ? undefined : await this.tickets.findByNumber(parsed);
    if (ticket === undefined) throw ticketUnknown();
    return this.view(ticket, principal);
  }

  private async view(ticket: TicketRow, principal: Principal): Promise<TicketDto> {
    const scope = await this.access.scopeOf(principal);
    const [{ messages, earlier }, notes, timeline, suggestions, answer] = await Promise.all([
      this.messagePage(ticket, shown.messages),
      this.tickets.notes(ticket.id, shown.notes),
      this.tickets.timeline(ticket.id, shown.changes),
      this.tickets.suggestions(ticket.id),
      ticket.status === 'closed' ? undefined : this.routing.look(ticket),
    ]);
    const actors = timeline.flatMap(({ actor }) =>
      actor.kind === 'agent' && actor.id !== undefined ? [actor.id] : [],
    );
    const agentNames = await this.tickets.agentNames([...new Set(actors)]);
    const visibleSuggestions = suggestions.filter((related) => isWithin(scope, related));
    const parts = { ticket, messages, earlierMessages: earlier, notes, timeline, agentNames, answer };
    return ticketView({ ...parts, suggestions: visibleSuggestions }, this.prefix);
  }

  /** The messages before those that the caller has, in order of time. */
  async messages(
    number: string,
    page: { cursor?: string; limit: number },
    principal: Principal,
  ): Promise<MessageListDto> {
    const ticket = await this.visible(number, principal);
    const { messages, earlier } = await this.messagePage(ticket, page.limit, page.cursor);
    return { items: messages.map(messageView), ...(earlier === undefined ? {} : { nextCursor: earlier }) };
  }

  /** @throws Problem 404 also for a ticket that the caller may not see. */
  async visible(number: string, principal: Principal): Promise<TicketRow> {
    const parsed = parseTicketNumber(this.prefix, number);
    const ticket = parsed === undefined ? undefined : await this.tickets.findByNumber(parsed);
    if (ticket === undefined) throw ticketUnknown();
    if (!isWithin(await this.access.scopeOf(principal), ticket)) throw ticketUnknown();
    return ticket;
  }

  private async messagePage(ticket: TicketRow, limit: number, cursor?: string) {
    const question = { list: 'messages', ticket: ticket.id };
    const codec = await this.cursors.codec();
    const before = cursor === undefined ? undefined : codec.decode(question, cursor);
    const rows = await this.tickets.messages(ticket.id, limit + 1, before);
    const messages = rows.slice(0, limit);
    const oldest = messages.at(-1);
    const earlier =
      rows.length > limit && oldest !== undefined ? codec.encode(question, placeOfMessage(oldest)) : undefined;
    return { messages: messages.reverse(), earlier };
  }
}

const placeOfMessage = (row: MessageRow) => [row.occurredKey, row.id];

/** A cursor of a wider scope must not be of use to a narrower one, nor the other way round. */
const scopeKey = (scope: TicketScope) => (scope.kind === 'all' ? 'all' : scope.agentId);

/** `PH-1024` or `1024` */
function numberIn(text: string, prefix: string): number | undefined {
  return parseTicketNumber(prefix, text) ?? (/^\d{1,9}$/.test(text) ? Number(text) : undefined);
}
