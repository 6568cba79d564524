import { Problem } from '#http';
import type { Refusal } from '../../domain/commands.js';
import { ticketNumber } from '../../domain/ticket.js';
import type { TicketWork } from '../../domain/ticket-work.js';
import { ticketMerged } from './ticket.problems.js';

/** What a refusal of the domain means to a caller. */
export function refusalProblem(refusal: Refusal, work: TicketWork, prefix: string): Problem {
  switch (refusal.reason) {
    case 'merged': {
      const into = work.follow(refusal.into)?.ticket;
      return ticketMerged(into === undefined ? 'into another' : ticketNumber(prefix, into.number));
    }
    case 'closed':
      return new Problem(409, 'ticket_closed', 'A closed ticket cannot be changed');
    case 'same_ticket':
      return new Problem(422, 'same_ticket', 'A ticket cannot be merged into itself');
    case 'transition':
      return new Problem(409, 'transition_not_allowed', 'The ticket cannot move to this status', {
        detail: `${refusal.from} -> ${refusal.to}`,
      });
  }
}
