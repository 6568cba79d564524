import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#auth';
import { Problem } from '#http';
import type { Transaction } from '#postgres';
import { changeTicket, merge, type Outcome, type TicketPatch } from '../../domain/commands.js';
import { ticketNumber } from '../../domain/ticket.js';
import type { TicketChange } from '../../domain/ticket-change.js';
import type { TicketWork } from '../../domain/ticket-work.js';
import { isWithin } from '../../store/scope.js';
import { StaffRepository } from '../../store/staff.repository.js';
import { TICKET_PREFIX, TicketUnit } from '../../store/ticket-unit.js';
import { TicketAccess } from '../ticket-access.js';
import { refusalProblem } from './command-refusal.js';
import { ticketStale, ticketUnknown } from './ticket.problems.js';
import { TicketReader } from './ticket.reader.js';
import type { AssignDto, TicketPatchDto } from './ticket-command.dto.js';

/** One command's hold on tickets: under lock, checked against the caller's scope once more. */
export interface Held {
  readonly tx: Transaction;
  readonly work: TicketWork;
  readonly changes: readonly TicketChange[];
}

/** Commands on tickets: lock, load, decide in the domain, store, all in one transaction and the consumers' lock order. */
@Injectable()
export class TicketCommands {
  constructor(
    @Inject(TICKET_PREFIX) private readonly prefix: string,
    private readonly unit: TicketUnit,
    private readonly reader: TicketReader,
    private readonly access: TicketAccess,
    private readonly staff: StaffRepository,
  ) {}

  /** @param expected the sequence that the caller has read; absent: whatever it is now. */
  async change(number: string, user: Principal, patch: TicketPatchDto, expected?: number): Promise<void> {
    await this.onTickets([number], user, async ({ tx, work, changes: [change] }) => {
      if (change === undefined) throw ticketUnknown();
      // A merged ticket says so rather than that it changed.
      if (expected !== undefined && change.ticket.mergedInto === null && change.ticket.sequence !== expected) {
        throw ticketStale(change.ticket.sequence);
      }
      const known = await this.resolve(tx, user, patch);
      this.settled(changeTicket(change, work, actorOf(user), known), work);
    });
  }

  /** Returns the number that stands for both. Merging once more into the same ticket changes nothing. */
  async merge(number: string, user: Principal, into: string): Promise<string> {
    return this.onTickets([number, into], user, async ({ work, changes: [source, target] }) => {
      if (source === undefined || target === undefined) throw ticketUnknown();
      const targetNumber = ticketNumber(this.prefix, target.ticket.number);
      if (source !== target && source.ticket.mergedInto === target.ticket.id) return targetNumber;
      this.settled(merge(source, target, work, actorOf(user)), work);
      return targetNumber;
    });
  }

  /** Decides under lock on tickets that the caller may see. */
  async onTickets<Result>(
    numbers: readonly string[],
    user: Principal,
    decide: (held: Held) => Promise<Result>,
  ): Promise<Result> {
    const rows = await Promise.all(numbers.map((number) => this.reader.visible(number, user)));
    const scope = await this.access.scopeOf(user);
    const ids = rows.map(({ id }) => id);
    return this.unit.change(ids, async (work, tx) => {
      const changes = ids.map((id) => work.find(id)).filter((change) => change !== undefined);
      // It may have gone to another team since it was read.
      if (changes.some(({ ticket }) => !isWithin(scope, ticket))) throw ticketUnknown();
      return decide({ tx, work, changes });
    });
  }

  settled<Result>(outcome: Outcome<Result>, work: TicketWork): Result {
    if (outcome.kind === 'refused') throw refusalProblem(outcome, work, this.prefix);
    return outcome.result;
  }

  private async resolve(tx: Transaction, user: Principal, patch: TicketPatchDto): Promise<TicketPatch> {
    const { team, category, status, priority, tags } = patch;
    const agent = agentMeant(patch, user);
    await this.mustExist(tx, 'teams', 'team', team);
    await this.mustExist(tx, 'agents', 'agent', agent);
    await this.mustExist(tx, 'categories', 'category', category);
    return {
      ...(status === undefined ? {} : { status }),
      ...(priority === undefined ? {} : { priority }),
      ...(tags === undefined ? {} : { tags }),
      ...(team === undefined ? {} : { teamId: team }),
      ...(agent === undefined ? {} : { agentId: agent }),
      ...(category === undefined ? {} : { categoryId: category }),
    };
  }

  private async mustExist(
    tx: Transaction,
    kind: 'teams' | 'agents' | 'categories',
    field: string,
    id: string | null | undefined,
  ): Promise<void> {
    if (id === null || id === undefined) return;
    if ((await this.staff.activeIds(tx, kind, [id])).has(id.toLowerCase())) return;
    throw new Problem(422, `${field}_unknown`, `There is no such active ${field}`, {
      errors: [{ field, code: 'unknown', message: 'does not exist or is not active' }],
    });
  }
}

export const actorOf = (user: Principal) => ({ kind: 'agent', id: user.accountId }) as const;

function agentMeant({ agent }: AssignDto, user: Principal): string | null | undefined {
  return agent?.toLowerCase() === 'me' ? user.accountId : agent;
}
