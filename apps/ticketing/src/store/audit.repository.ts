import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#postgres';

/** What is audited. Changes of tickets stand in their timelines instead. */
export const auditActions = [
  'signed_in',
  'sign_in_failed',
  'signed_out',
  'refresh_token_reused',
  'customer_created',
  'customer_changed',
  'customers_merged',
  'organization_created',
  'organization_changed',
  'team_created',
  'team_changed',
  'agent_created',
  'agent_changed',
  'category_created',
  'category_changed',
  'original_read',
] as const;
export type AuditAction = (typeof auditActions)[number];

export interface NewAuditEntry {
  readonly actorId: string | null;
  readonly action: AuditAction;
  /** `kind:id` of what it was done to. */
  readonly subject: string;
  /** Names of fields and ids, never what customers wrote. */
  readonly detail?: object;
}

export interface StoredAuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly actorId: string | null;
  readonly actorName: string | null;
  readonly action: string;
  readonly subject: string;
  readonly detail: object | null;
}

export interface AuditFilter {
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

const insert = 'INSERT INTO audit (at, actor_id, action, subject, detail) VALUES (now(), $1, $2, $3, $4)';
const values = ({ actorId, action, subject, detail }: NewAuditEntry) => [
  actorId,
  action,
  subject,
  detail === undefined ? null : JSON.stringify(detail),
];

@Injectable()
export class AuditRepository {
  constructor(private readonly database: Database) {}

  async append(tx: Transaction, entry: NewAuditEntry): Promise<void> {
    await tx.execute('audit_insert', insert, values(entry));
  }

  /** For what changes nothing else in the database. */
  async appendAlone(entry: NewAuditEntry): Promise<void> {
    await this.database.execute({ name: 'audit_insert', text: insert, values: values(entry) });
  }

  /** Newest first. */
  async list(filter: AuditFilter): Promise<StoredAuditEntry[]> {
    return this.database.query<StoredAuditEntry>({
      name: 'audit_list',
      text: `SELECT audit.id, audit.at, audit.actor_id AS "actorId", accounts.name AS "actorName", audit.action,
                    audit.subject, audit.detail
             FROM audit LEFT JOIN accounts ON accounts.id = audit.actor_id
             WHERE ($1::text IS NULL OR audit.action = $1) AND ($2::uuid IS NULL OR audit.actor_id = $2)
               AND ($3::text IS NULL OR audit.subject = $3) AND ($4::bigint IS NULL OR audit.id < $4)
             ORDER BY audit.id DESC LIMIT $5`,
      values: [
        filter.action ?? null,
        filter.actor ?? null,
        filter.subject ?? null,
        filter.before ?? null,
        filter.limit,
      ],
    });
  }
}
