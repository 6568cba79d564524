import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#postgres';

export interface OrganizationFields {
  readonly name: string;
  readonly type: string | null;
  readonly segment: string | null;
  readonly district: string | null;
  readonly accountManagerId: string | null;
  readonly domains: readonly string[];
}

export interface OrganizationRow extends OrganizationFields {
  readonly id: string;
  readonly accountManagerName: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const columns = `
  o.id, o.name, o.type, o.segment, o.district, o.account_manager_id AS "accountManagerId",
  agents.name AS "accountManagerName", o.domains, o.created_at AS "createdAt", o.updated_at AS "updatedAt"
  FROM organizations o LEFT JOIN agents ON agents.id = o.account_manager_id`;
const values = (fields: OrganizationFields) => [
  fields.name,
  fields.type,
  fields.segment,
  fields.district,
  fields.accountManagerId,
  fields.domains,
];

@Injectable()
export class OrganizationRepository {
  constructor(private readonly database: Database) {}

  list(question: { q: string | undefined; after: string | undefined; limit: number }): Promise<OrganizationRow[]> {
    const pattern = question.q === undefined ? null : `%${question.q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    return this.database.query<OrganizationRow>({
      name: 'organization_list',
      text: `SELECT ${columns}
             WHERE ($1::text IS NULL OR extensions.f_unaccent(lower(o.name)) LIKE extensions.f_unaccent($1))
               AND ($2::text IS NULL OR o.name > $2) ORDER BY o.name LIMIT $3`,
      values: [pattern, question.after ?? null, question.limit],
    });
  }

  async find(id: string): Promise<OrganizationRow | undefined> {
    const text = `SELECT ${columns} WHERE o.id = $1`;
    return (await this.database.query<OrganizationRow>({ name: 'organization_by_id', text, values: [id] }))[0];
  }

  async insert(tx: Transaction, fields: OrganizationFields): Promise<string> {
    const id = randomUUID();
    await tx.execute(
      'organization_insert',
      `INSERT INTO organizations (id, name, type, segment, district, account_manager_id, domains, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, now(), now())`,
      [id, ...values(fields)],
    );
    return id;
  }

  async update(tx: Transaction, id: string, fields: OrganizationFields): Promise<void> {
    await tx.execute(
      'organization_update',
      `UPDATE organizations SET name = $2, type = $3, segment = $4, district = $5, account_manager_id = $6, domains = $7,
         updated_at = now() WHERE id = $1`,
      [id, ...values(fields)],
    );
  }
}
