import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Channel, TicketPriority, TicketStatus } from '#contracts';
import { Database } from '#postgres';
import { Conditions } from './conditions.js';
import { scopeCondition, scopeValues, type TicketScope } from './scope.js';
import { orderOf, selectPage, type TicketSort } from './ticket-order.js';
import { type SearchWords, TicketWordSearch } from './ticket-word-search.js';

interface TicketFilter {
  readonly status?: readonly TicketStatus[] | undefined;
  readonly channel?: readonly string[] | undefined;
  readonly priority?: readonly TicketPriority[] | undefined;
  /** Ids; `none` finds tickets without one. */
  readonly team?: string | undefined;
  readonly agent?: string | undefined;
  readonly category?: string | undefined;
  readonly customer?: string | undefined;
  /** Words as typed, and the number that they may be. */
  readonly q?: SearchWords | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

export interface TicketListQuestion {
  readonly filter: TicketFilter;
  readonly scope: TicketScope;
  readonly sort: TicketSort;
  /** The sort values of the last ticket of the page before. */
  readonly after?: readonly string[] | undefined;
  readonly limit: number;
}

export interface TicketListRow {
  readonly number: number;
  readonly status: TicketStatus;
  readonly priority: TicketPriority;
  readonly channel: Channel;
  readonly account: string;
  readonly subject: string | null;
  readonly reference: string | null;
  readonly tags: string[];
  readonly customerId: string;
  readonly customerName: string | null;
  readonly address: string | null;
  readonly teamId: string | null;
  readonly teamName: string | null;
  readonly agentId: string | null;
  readonly agentName: string | null;
  readonly categoryId: string | null;
  readonly categoryName: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly resolvedAt: Date | null;
  /** With all digits that the database has, for the cursor. */
  readonly updatedKey: string;
  /** When the network that the customer used last takes no answer any more. */
  readonly windowClosesAt: Date | null;
  readonly windowKey: string | null;
}

@Injectable()
export class TicketListRepository {
  constructor(
    private readonly database: Database,
    private readonly search: TicketWordSearch,
  ) {}

  async list({ filter, scope, sort, after, limit }: TicketListQuestion): Promise<TicketListRow[]> {
    const conditions = new Conditions('t.merged_into IS NULL');
    if (scope.kind === 'agent') conditions.add(scopeCondition('t', 1), ...scopeValues(scope));
    conditions.anyOf('t.status', filter.status);
    conditions.anyOf('t.channel', filter.channel);
    conditions.anyOf('t.priority', filter.priority);
    conditions.one('t.team_id', filter.team);
    conditions.one('t.agent_id', filter.agent);
    conditions.one('t.category_id', filter.category);
    conditions.one('t.customer_id', filter.customer);
    if (filter.from !== undefined) conditions.add('t.created_at >= $1::timestamptz', filter.from);
    if (filter.to !== undefined) conditions.add('t.created_at < $1::timestamptz', filter.to);
    if (filter.q !== undefined) await this.search.narrow(conditions, filter.q);
    const text = `
      WITH page AS MATERIALIZED (${selectPage(conditions, sort, after)})
      SELECT t.number, t.status, t.priority, t.channel, t.account, t.subject, t.reference, t.tags,
             t.customer_id AS "customerId", coalesce(customers.name, identities.display_name) AS "customerName",
             identities.value AS address, t.team_id AS "teamId", teams.name AS "teamName", t.agent_id AS "agentId",
             agents.name AS "agentName", t.category_id AS "categoryId", categories.name AS "categoryName",
             t.created_at AS "createdAt", t.updated_at AS "updatedAt", t.resolved_at AS "resolvedAt",
             t.updated_at::text AS "updatedKey", t.window_closes_at AS "windowClosesAt", t.window_closes_at::text AS "windowKey"
      FROM page t
      LEFT JOIN customers ON customers.id = t.customer_id
      LEFT JOIN identities ON identities.id = t.identity_id
      LEFT JOIN teams ON teams.id = t.team_id
      LEFT JOIN agents ON agents.id = t.agent_id
      LEFT JOIN categories ON categories.id = t.category_id
      ORDER BY ${orderOf(sort)}`;
    return this.database.query<TicketListRow>({
      name: `ticket_list_${createHash('sha1').update(text).digest('hex').slice(0, 16)}`,
      text,
      values: [...conditions.values, limit],
    });
  }
}
