import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { IdentityKind, TicketStatus } from '#contracts';
import { Database, type Transaction } from '#postgres';

export interface CustomerRow {
  readonly id: string;
  readonly name: string | null;
  readonly language: string | null;
  readonly organizationId: string | null;
  readonly organizationName: string | null;
  readonly segment: string | null;
  readonly mergedInto: string | null;
  readonly identities: {
    id: string;
    kind: IdentityKind;
    value: string;
    displayName: string | null;
    verified: boolean;
  }[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly createdKey: string;
}

export interface CustomerTicketRow {
  readonly number: number;
  readonly status: TicketStatus;
  readonly channel: string;
  readonly subject: string | null;
  readonly teamId: string | null;
  readonly agentId: string | null;
  readonly createdAt: Date;
}

export interface CustomerQuestion {
  readonly q: string | undefined;
  readonly organization: string | undefined;
  readonly after: readonly string[] | undefined;
  readonly limit: number;
}

const columns = `
  c.id, c.name, c.language, c.organization_id AS "organizationId", organizations.name AS "organizationName",
  organizations.segment, c.merged_into AS "mergedInto", c.created_at AS "createdAt", c.updated_at AS "updatedAt",
  c.created_at::text AS "createdKey",
  coalesce((SELECT json_agg(json_build_object('id', i.id, 'kind', i.kind, 'value', i.value, 'displayName', i.display_name,
                                              'verified', i.verified) ORDER BY i.kind, i.value)
            FROM identities i WHERE i.customer_id = c.id), '[]') AS identities
  FROM customers c LEFT JOIN organizations ON organizations.id = c.organization_id`;

const likeSpecial = /[\\%_]/g;

/** Customers with their identities; reads by people, changes under the consumers' lock order (identities before tickets). */
@Injectable()
export class CustomerRepository {
  constructor(private readonly database: Database) {}

  /**
   * Newest first. Words are looked for in what the tickets' search knows of their customers (of words that more than 5,000 tickets
   * have, in that many of them), and as a whole address.
   */
  list({ q, organization, after, limit }: CustomerQuestion): Promise<CustomerRow[]> {
    const words = q?.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 4) ?? [];
    const patterns = words.map((word) => `%${word.replace(likeSpecial, '\\$&')}%`);
    const label = patterns.map((_, index) => `s.label LIKE extensions.f_unaccent($${index + 6})`).join(' AND ');
    const search =
      words.length === 0
        ? '$5::text IS NULL'
        : `c.id IN (SELECT customer_id FROM identities WHERE value = $5
                    UNION SELECT t.customer_id FROM ticket_search s JOIN tickets t ON t.id = s.ticket_id WHERE ${label} LIMIT 5000)`;
    return this.database.query<CustomerRow>({
      name: `customer_list_${words.length}`,
      text: `SELECT ${columns}
             WHERE c.merged_into IS NULL AND ($1::uuid IS NULL OR c.organization_id = $1)
               AND ($2::timestamptz IS NULL OR (c.created_at, c.id) < ($2::timestamptz, $3::uuid)) AND ${search}
             ORDER BY c.created_at DESC, c.id DESC LIMIT $4`,
      values: [
        organization ?? null,
        after?.[0] ?? null,
        after?.[1] ?? null,
        limit,
        words.length === 0 ? null : q?.toLowerCase().trim(),
        ...patterns,
      ],
    });
  }

  async find(id: string): Promise<CustomerRow | undefined> {
    const text = `SELECT ${columns} WHERE c.id = $1`;
    return (await this.database.query<CustomerRow>({ name: 'customer_by_id', text, values: [id] }))[0];
  }

  /** The newest ones. */
  tickets(customerId: string, limit: number): Promise<CustomerTicketRow[]> {
    return this.database.query<CustomerTicketRow>({
      name: 'customer_tickets',
      text: `SELECT number, status, channel, subject, team_id AS "teamId", agent_id AS "agentId", created_at AS "createdAt"
             FROM tickets WHERE customer_id = $1 AND merged_into IS NULL ORDER BY number DESC LIMIT $2`,
      values: [customerId, limit],
    });
  }

  async insert(
    tx: Transaction,
    customer: {
      name: string;
      language: string | null;
      organizationId: string | null;
      identities: readonly { kind: IdentityKind; value: string }[];
    },
  ): Promise<string> {
    const id = randomUUID();
    const { name, language, organizationId, identities } = customer;
    const sorted = [...identities].sort((a, b) => (`${a.kind} ${a.value}` < `${b.kind} ${b.value}` ? -1 : 1));
    await tx.execute(
      'customer_identities_insert',
      `INSERT INTO identities (id, kind, value, customer_id, display_name, verified, created_at)
       SELECT gen_random_uuid(), kind, value, $1, $2, false, now() FROM unnest($3::text[], $4::text[]) AS given (kind, value)`,
      [id, name, sorted.map(({ kind }) => kind), sorted.map(({ value }) => value)],
    );
    await tx.execute(
      'customer_insert',
      `INSERT INTO customers (id, name, organization_id, language, created_at, updated_at) VALUES ($1, $2, $3, $4, now(), now())`,
      [id, name, organizationId, language],
    );
    return id;
  }

  async update(
    tx: Transaction,
    id: string,
    customer: { name: string | null; language: string | null; organizationId: string | null },
  ): Promise<void> {
    await tx.execute(
      'customer_update',
      'UPDATE customers SET name = $2, language = $3, organization_id = $4, updated_at = now() WHERE id = $1',
      [id, customer.name, customer.language, customer.organizationId],
    );
  }

  /** First in the lock order: whoever writes from these addresses now waits. */
  async lockIdentities(tx: Transaction, customerIds: readonly string[]): Promise<void> {
    await tx.query(
      'customer_identities_lock',
      'SELECT id FROM identities WHERE customer_id = ANY($1::uuid[]) ORDER BY kind, value FOR UPDATE',
      [customerIds],
    );
  }

  /** Locks the customers; those that exist and were not merged away meanwhile. */
  async lock(tx: Transaction, ids: readonly string[]): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }>(
      'customer_lock',
      'SELECT id FROM customers WHERE id = ANY($1::uuid[]) AND merged_into IS NULL ORDER BY id FOR UPDATE',
      [ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Ids of the customer's tickets; those that are open only, or all. */
  async ticketIds(tx: Transaction, customerId: string, which: 'unclosed' | 'all'): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      'customer_ticket_ids',
      `SELECT id FROM tickets WHERE customer_id = $1 AND merged_into IS NULL AND ($2 OR status <> 'closed')`,
      [customerId, which === 'all'],
    );
    return rows.map(({ id }) => id);
  }

  /** Gives everything of one customer but its tickets to the other. */
  async mergeInto(tx: Transaction, from: string, into: string): Promise<void> {
    await tx.execute('customer_identities_move', 'UPDATE identities SET customer_id = $2 WHERE customer_id = $1', [
      from,
      into,
    ]);
    await tx.execute(
      'customer_merge',
      'UPDATE customers SET merged_into = $2, updated_at = now() WHERE id = $1 OR merged_into = $1',
      [from, into],
    );
    await tx.execute(
      'customer_merge_gaps',
      `UPDATE customers SET name = coalesce(customers.name, f.name), language = coalesce(customers.language, f.language),
         organization_id = coalesce(customers.organization_id, f.organization_id), updated_at = now()
       FROM customers f WHERE f.id = $1 AND customers.id = $2`,
      [from, into],
    );
  }
}
