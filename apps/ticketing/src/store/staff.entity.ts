import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';

@Entity({ name: 'teams' })
@Unique('teams_name', ['name'])
export class Team {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'teams_pkey' })
  id: string;
  @Column('text')
  name: string;
  @Column('boolean', { default: true })
  active: boolean;
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}

@Entity({ name: 'agents' })
@Unique('agents_email', ['email'])
export class Agent {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'agents_pkey' })
  id: string;
  @Column('text')
  name: string;
  @Column('text')
  email: string;
  @Column('boolean', { default: true })
  active: boolean;
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}

@Entity({ name: 'team_members' })
export class TeamMember {
  @PrimaryColumn('uuid', { name: 'team_id', primaryKeyConstraintName: 'team_members_pkey' })
  @ForeignKey(() => Team, { onDelete: 'CASCADE', name: 'team_members_team' })
  teamId: string;
  @PrimaryColumn('uuid', { name: 'agent_id', primaryKeyConstraintName: 'team_members_pkey' })
  @ForeignKey(() => Agent, { onDelete: 'CASCADE', name: 'team_members_agent' })
  agentId: string;
}

@Entity({ name: 'categories' })
@Unique('categories_name', ['name'])
export class Category {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'categories_pkey' })
  id: string;
  @Column('text')
  name: string;
  @Column('uuid', { name: 'parent_id', nullable: true })
  parentId: string | null;
  @Column('boolean', { default: true })
  active: boolean;
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
