import { Injectable } from '@nestjs/common';
import type { Principal } from '#auth';
import { Problem } from '#http';
import type { TicketScope } from '../store/scope.js';
import { StaffRepository } from '../store/staff.repository.js';

/**
 * Which tickets a caller sees. Supervisors, analysts and admins see all. Agents see the tickets of their teams, those that no team
 * has yet, and those assigned to themselves; another team's ticket is answered like one that does not exist.
 * Read at each request: a change of teams counts at once.
 */
@Injectable()
export class TicketAccess {
  constructor(private readonly staff: StaffRepository) {}

  async scopeOf(principal: Principal): Promise<TicketScope> {
    if (principal.role !== 'agent') return { kind: 'all' };
    const teamIds = await this.staff.teamsOf(principal.accountId);
    if (teamIds === undefined) throw new Problem(403, 'account_inactive', 'This account may not work any more');
    return { kind: 'agent', agentId: principal.accountId, teamIds };
  }
}
