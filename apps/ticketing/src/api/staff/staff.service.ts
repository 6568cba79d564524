import { Injectable } from '@nestjs/common';
import type { Principal } from '#auth';
import type { Role } from '#contracts';
import { Problem } from '#http';
import { Database, type Transaction } from '#postgres';
import { AccountRepository } from '../../store/account.repository.js';
import { type AuditAction, AuditRepository } from '../../store/audit.repository.js';
import { RefreshTokenRepository } from '../../store/refresh-token.repository.js';
import { type AgentRow, type CategoryRow, StaffRepository, type TeamRow } from '../../store/staff.repository.js';
import { hashPassword } from '../auth/password.js';
import type {
  AgentChangeDto,
  CategoryChangeDto,
  NewAgentDto,
  NewCategoryDto,
  NewTeamDto,
  TeamChangeDto,
} from './staff.dto.js';

const unknown = (kind: string) => new Problem(404, `${kind}_unknown`, `There is no such ${kind}`);

/** Changes of teams, agents and categories, each audited in its own transaction. */
@Injectable()
export class StaffService {
  constructor(
    private readonly database: Database,
    private readonly staff: StaffRepository,
    private readonly accounts: AccountRepository,
    private readonly refreshTokens: RefreshTokenRepository,
    private readonly audit: AuditRepository,
  ) {}

  async addTeam(user: Principal, { name, agents = [] }: NewTeamDto): Promise<TeamRow> {
    const id = await this.database.transaction(async (tx) => {
      await this.mustBeActive(tx, 'agents', agents);
      const made = await this.staff.insertTeam(tx, { name, agents });
      await this.note(tx, user, 'team_created', `team:${made}`, ['name', 'agents']);
      return made;
    });
    return this.team(id);
  }

  async changeTeam(user: Principal, id: string, change: TeamChangeDto): Promise<TeamRow> {
    await this.database.transaction(async (tx) => {
      if ((await this.staff.updateTeam(tx, id, change)) === 0) throw unknown('team');
      if (change.agents !== undefined) {
        await this.mustBeActive(tx, 'agents', change.agents);
        await this.staff.setMembers(tx, id, change.agents);
      }
      await this.note(tx, user, 'team_changed', `team:${id}`, Object.keys(change));
    });
    return this.team(id);
  }

  async addAgent(
    user: Principal,
    { password, role = 'agent', teams = [], name, email }: NewAgentDto,
  ): Promise<AgentRow> {
    mayGive(user, role);
    const passwordHash = password === undefined ? undefined : await hashPassword(password);
    const id = await this.database.transaction(async (tx) => {
      await this.mustBeActive(tx, 'teams', teams);
      const login = passwordHash === undefined ? {} : { passwordHash };
      const made = await this.accounts.insertAgent(tx, { name, email, role, ...login });
      await this.staff.setTeams(tx, made, teams);
      await this.note(tx, user, 'agent_created', `agent:${made}`, ['name', 'email', 'role', 'teams']);
      return made;
    });
    return this.agent(id);
  }

  async changeAgent(user: Principal, id: string, change: AgentChangeDto): Promise<AgentRow> {
    const known = await this.agent(id);
    mayGive(user, known.role ?? 'agent');
    if (change.role !== undefined) mayGive(user, change.role);
    const { password, role, teams, active } = change;
    if (id === user.accountId && (active === false || (role !== undefined && role !== known.role))) {
      throw new Problem(422, 'own_account', 'Nobody takes away his own rights: ask another admin');
    }
    const passwordHash = password === undefined ? undefined : await hashPassword(password);
    await this.database.transaction(async (tx) => {
      await this.accounts.renameOrRetire(tx, id, change);
      if (teams !== undefined) {
        await this.mustBeActive(tx, 'teams', teams);
        await this.staff.setTeams(tx, id, teams);
      }
      if (role !== undefined || passwordHash !== undefined) await this.accounts.giveAccount(tx, id, role, passwordHash);
      if (role !== undefined || passwordHash !== undefined || active === false)
        await this.refreshTokens.closeAll(tx, id);
      await this.note(tx, user, 'agent_changed', `agent:${id}`, Object.keys(change));
    });
    return this.agent(id);
  }

  async addCategory(user: Principal, { name, parent }: NewCategoryDto): Promise<CategoryRow> {
    const id = await this.database.transaction(async (tx) => {
      await this.mustBeActive(tx, 'categories', parent === undefined ? [] : [parent]);
      const made = await this.staff.insertCategory(tx, { name, parentId: parent ?? null });
      await this.note(tx, user, 'category_created', `category:${made}`, ['name', 'parent']);
      return made;
    });
    return this.category(id);
  }

  async changeCategory(user: Principal, id: string, change: CategoryChangeDto): Promise<CategoryRow> {
    const known = await this.category(id);
    const { name = known.name, active = known.active, parent = known.parentId } = change;
    if (parent === id) throw new Problem(422, 'own_parent', 'A category cannot be its own parent');
    await this.database.transaction(async (tx) => {
      if (parent !== null && parent !== known.parentId) await this.mustBeActive(tx, 'categories', [parent]);
      await this.staff.updateCategory(tx, { id, name, parentId: parent, active });
      await this.note(tx, user, 'category_changed', `category:${id}`, Object.keys(change));
    });
    return this.category(id);
  }

  async team(id: string): Promise<TeamRow> {
    return (await this.staff.findTeam(id)) ?? fail('team');
  }

  async agent(id: string): Promise<AgentRow> {
    return (await this.staff.findAgent(id)) ?? fail('agent');
  }

  async category(id: string): Promise<CategoryRow> {
    return (await this.staff.findCategory(id)) ?? fail('category');
  }

  private async mustBeActive(tx: Transaction, kind: 'teams' | 'agents' | 'categories', ids: readonly string[]) {
    const found = await this.staff.activeIds(tx, kind, ids);
    if (ids.every((id) => found.has(id.toLowerCase()))) return;
    throw new Problem(422, `${kind}_unknown`, `Some ${kind} do not exist or are not active`, {
      errors: [{ field: kind, code: 'unknown', message: 'names what does not exist or is not active' }],
    });
  }

  private note(tx: Transaction, user: Principal, action: AuditAction, subject: string, fields: readonly string[]) {
    return this.audit.append(tx, { actorId: user.accountId, action, subject, detail: { fields } });
  }
}

function fail(kind: string): never {
  throw unknown(kind);
}

/** Supervisors look after agents; every other role is the admins' to give and to take. */
function mayGive(user: Principal, role: Role): void {
  if (user.role === 'admin' || role === 'agent') return;
  throw new Problem(403, 'role_not_allowed', 'Only admins look after accounts with this role');
}
