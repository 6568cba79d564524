import { Injectable } from '@nestjs/common';
import type { Principal } from '#auth';
import { Problem } from '#http';
import type { Transaction } from '#postgres';
import { addNote, reply } from '../../domain/commands.js';
import { AnswerRepository } from '../../store/answer.repository.js';
import { IdempotencyRepository, type IdempotentRequest } from '../../store/idempotency.repository.js';
import { AnswerFiles } from '../uploads/answer-files.js';
import { AnswerRouting } from './answer-routing.js';
import { ticketUnknown } from './ticket.problems.js';
import { actorOf, type Held, TicketCommands } from './ticket.commands.js';
import type { ReplyDto, WrittenDto } from './ticket-command.dto.js';

interface Writing {
  readonly number: string;
  readonly user: Principal;
  readonly key: string;
}

/** Replies and notes: what must happen once, however often it is asked for. */
@Injectable()
export class TicketWriting {
  /** Uses of one key side by side share one run: waiting for each other's locks, they would hold all connections. */
  private readonly underWay = new Map<string, Promise<WrittenDto>>();

  constructor(
    private readonly commands: TicketCommands,
    private readonly keys: IdempotencyRepository,
    private readonly answers: AnswerRepository,
    private readonly routing: AnswerRouting,
    private readonly files: AnswerFiles,
  ) {}

  reply(writing: Writing, { text, status, repeats, channel, attachments = [] }: ReplyDto): Promise<WrittenDto> {
    const body = { text, status, repeats, channel, ...(attachments.length === 0 ? {} : { attachments }) };
    return this.once(writing, 'messages', body, async ({ tx, work, changes: [change] }) => {
      if (change === undefined) throw ticketUnknown();
      const { user } = writing;
      if (repeats !== undefined && !(await this.answers.isReplyOf(tx, repeats, change.ticket.id))) {
        throw new Problem(422, 'reply_unknown', 'The ticket has no such reply to send again');
      }
      const way = await this.routing.decide(tx, change.ticket, channel);
      const request = {
        reason: 'agent',
        way,
        text,
        html: null,
        attachments: await this.files.take(tx, user, attachments, way),
        agent: { id: user.accountId, name: user.name },
        repeats: repeats ?? null,
        ...(status === undefined ? {} : { status }),
      } as const;
      return this.commands.settled(reply(change, work, actorOf(user), request), work);
    });
  }

  note(writing: Writing, text: string): Promise<WrittenDto> {
    return this.once(writing, 'notes', { text }, async ({ work, changes: [change] }) => {
      if (change === undefined) throw ticketUnknown();
      const { mergedInto: into } = change.ticket;
      if (into !== null) this.commands.settled({ kind: 'refused', reason: 'merged', into }, work);
      return addNote(change, work, actorOf(writing.user), text);
    });
  }

  private once(
    { number, user, key }: Writing,
    kind: 'messages' | 'notes',
    body: object,
    write: (held: Held) => Promise<string>,
  ): Promise<WrittenDto> {
    const ticket = number.toUpperCase();
    const request: IdempotentRequest = { scope: `${user.accountId} ${kind} ${ticket}`, key, body };
    const use = JSON.stringify(request);
    const running = this.underWay.get(use) ?? this.perform(number, user, kind, request, write);
    this.underWay.set(use, running);
    return running.finally(() => this.underWay.delete(use));
  }

  private perform(
    number: string,
    user: Principal,
    kind: 'messages' | 'notes',
    request: IdempotentRequest,
    write: (held: Held) => Promise<string>,
  ): Promise<WrittenDto> {
    const ticket = number.toUpperCase();
    return this.commands.onTickets([number], user, async (held) => {
      const claim = await this.keys.claim(held.tx, request);
      if (claim.kind === 'repeated') return this.repeated(held.tx, kind, claim.resultId, ticket);
      if (claim.kind === 'other_body') {
        throw new Problem(422, 'idempotency_key_reused', 'This Idempotency-Key was used with another body');
      }
      const id = await write(held);
      await this.keys.settle(held.tx, request, id);
      return { id, ticket, at: held.work.clock.now.toISOString() };
    });
  }

  private async repeated(tx: Transaction, kind: 'messages' | 'notes', id: string, ticket: string): Promise<WrittenDto> {
    const at = await this.answers.writtenAt(tx, kind, id);
    if (at === undefined) throw new Problem(410, 'erased', 'What was written under this Idempotency-Key was erased');
    return { id, ticket, at: at.toISOString() };
  }
}
