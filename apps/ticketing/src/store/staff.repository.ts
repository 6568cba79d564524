import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Role } from '#contracts';
import { Database, type Transaction } from '#postgres';

export interface TeamRow {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly agents: { id: string; name: string }[];
  readonly createdAt: Date;
}

export interface AgentRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly active: boolean;
  readonly role: Role | null;
  readonly teams: { id: string; name: string }[];
  readonly createdAt: Date;
}

export interface CategoryRow {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly active: boolean;
  readonly createdAt: Date;
}

export interface NameListQuestion {
  readonly after: string | undefined;
  readonly active: boolean | undefined;
  readonly limit: number;
}

const teamColumns = `
  t.id, t.name, t.active, t.created_at AS "createdAt",
  coalesce((SELECT json_agg(json_build_object('id', a.id, 'name', a.name) ORDER BY a.name)
            FROM team_members m JOIN agents a ON a.id = m.agent_id WHERE m.team_id = t.id), '[]') AS agents`;
const agentColumns = `
  a.id, a.name, a.email, a.active, accounts.role, a.created_at AS "createdAt",
  coalesce((SELECT json_agg(json_build_object('id', t.id, 'name', t.name) ORDER BY t.name)
            FROM team_members m JOIN teams t ON t.id = m.team_id WHERE m.agent_id = a.id), '[]') AS teams`;
const categoryColumns = `id, name, parent_id AS "parentId", active, created_at AS "createdAt"`;
const page = (table: string) =>
  `($1::text IS NULL OR ${table}.name > $1) AND ($2::boolean IS NULL OR ${table}.active = $2) ORDER BY ${table}.name`;

/** Teams, agents and categories: few rows, read often, changed by supervisors. */
@Injectable()
export class StaffRepository {
  constructor(private readonly database: Database) {}

  /** The ids of an agent's teams, or undefined when he may not work any more. */
  async teamsOf(agentId: string): Promise<string[] | undefined> {
    const [row] = await this.database.query<{ teams: string[] }>({
      name: 'agent_scope',
      text: `SELECT coalesce((SELECT array_agg(team_id) FROM team_members WHERE agent_id = a.id), '{}') AS teams
             FROM agents a WHERE a.id = $1 AND a.active`,
      values: [agentId],
    });
    return row?.teams;
  }

  listTeams({ after, active, limit }: NameListQuestion): Promise<TeamRow[]> {
    return this.database.query<TeamRow>({
      name: 'team_list',
      text: `SELECT ${teamColumns} FROM teams t WHERE ${page('t')} LIMIT $3`,
      values: [after ?? null, active ?? null, limit],
    });
  }

  async findTeam(id: string): Promise<TeamRow | undefined> {
    const text = `SELECT ${teamColumns} FROM teams t WHERE t.id = $1`;
    return (await this.database.query<TeamRow>({ name: 'team_by_id', text, values: [id] }))[0];
  }

  async insertTeam(tx: Transaction, team: { name: string; agents: readonly string[] }): Promise<string> {
    const id = randomUUID();
    await tx.execute('team_insert', 'INSERT INTO teams (id, name, active, created_at) VALUES ($1, $2, true, now())', [
      id,
      team.name,
    ]);
    await this.setMembers(tx, id, team.agents);
    return id;
  }

  async updateTeam(tx: Transaction, id: string, change: { name?: string | undefined; active?: boolean | undefined }) {
    return tx.execute(
      'team_update',
      'UPDATE teams SET name = coalesce($2, name), active = coalesce($3, active) WHERE id = $1',
      [id, change.name ?? null, change.active ?? null],
    );
  }

  async setMembers(tx: Transaction, teamId: string, agentIds: readonly string[]): Promise<void> {
    await tx.execute('team_members_clear', 'DELETE FROM team_members WHERE team_id = $1', [teamId]);
    await tx.execute(
      'team_members_set',
      'INSERT INTO team_members (team_id, agent_id) SELECT DISTINCT $1::uuid, unnest($2::uuid[])',
      [teamId, agentIds],
    );
  }

  listAgents({ after, active, limit }: NameListQuestion): Promise<AgentRow[]> {
    return this.database.query<AgentRow>({
      name: 'agent_list',
      text: `SELECT ${agentColumns} FROM agents a LEFT JOIN accounts ON accounts.id = a.id
             WHERE ($1::text IS NULL OR a.email > $1) AND ($2::boolean IS NULL OR a.active = $2)
             ORDER BY a.email LIMIT $3`,
      values: [after ?? null, active ?? null, limit],
    });
  }

  async findAgent(id: string): Promise<AgentRow | undefined> {
    const text = `SELECT ${agentColumns} FROM agents a LEFT JOIN accounts ON accounts.id = a.id WHERE a.id = $1`;
    return (await this.database.query<AgentRow>({ name: 'agent_by_id', text, values: [id] }))[0];
  }

  async setTeams(tx: Transaction, agentId: string, teamIds: readonly string[]): Promise<void> {
    await tx.execute('agent_teams_clear', 'DELETE FROM team_members WHERE agent_id = $1', [agentId]);
    await tx.execute(
      'agent_teams_set',
      'INSERT INTO team_members (team_id, agent_id) SELECT DISTINCT unnest($2::uuid[]), $1::uuid',
      [agentId, teamIds],
    );
  }

  listCategories({ after, active, limit }: NameListQuestion): Promise<CategoryRow[]> {
    return this.database.query<CategoryRow>({
      name: 'category_list',
      text: `SELECT ${categoryColumns} FROM categories WHERE ${page('categories')} LIMIT $3`,
      values: [after ?? null, active ?? null, limit],
    });
  }

  async findCategory(id: string): Promise<CategoryRow | undefined> {
    const text = `SELECT ${categoryColumns} FROM categories WHERE id = $1`;
    return (await this.database.query<CategoryRow>({ name: 'category_by_id', text, values: [id] }))[0];
  }

  async insertCategory(tx: Transaction, category: { name: string; parentId: string | null }): Promise<string> {
    const id = randomUUID();
    await tx.execute(
      'category_insert',
      'INSERT INTO categories (id, name, parent_id, active, created_at) VALUES ($1, $2, $3, true, now())',
      [id, category.name, category.parentId],
    );
    return id;
  }

  async updateCategory(tx: Transaction, { id, name, parentId, active }: Omit<CategoryRow, 'createdAt'>): Promise<void> {
    await tx.execute('category_update', 'UPDATE categories SET name = $2, parent_id = $3, active = $4 WHERE id = $1', [
      id,
      name,
      parentId,
      active,
    ]);
  }

  /** Which of the ids exist and are active. */
  async activeIds(
    tx: Transaction,
    kind: 'teams' | 'agents' | 'categories',
    ids: readonly string[],
  ): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }>(
      `active_${kind}`,
      `SELECT id FROM ${kind} WHERE id = ANY($1::uuid[]) AND active`,
      [ids],
    );
    return new Set(rows.map(({ id }) => id));
  }
}
