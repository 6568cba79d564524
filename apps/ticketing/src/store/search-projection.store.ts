import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#postgres';

interface Backlog {
  readonly ticketIds: string[];
  readonly messageIds: string[];
}

const rowsATurn = 10;

/**
 * Fills the search tables from the backlog that transactions leave behind, so that no full-text or trigram index is paid for on
 * the consuming path. Deleting the backlog rows and writing the documents is one transaction.
 */
@Injectable()
export class SearchProjectionStore {
  constructor(private readonly database: Database) {}

  /** Works off some rows of the backlog; how many. */
  async project(): Promise<number> {
    return this.database.transaction(async (tx) => {
      const rows = await tx.query<Backlog>(
        'search_backlog_take',
        `delete from search_backlog where id in (
           select id from search_backlog order by id limit $1 for update skip locked)
         returning ticket_ids as "ticketIds", message_ids as "messageIds"`,
        [rowsATurn],
      );
      const unique = (ids: string[]) => [...new Set(ids)].sort();
      await this.projectMessages(tx, unique(rows.flatMap(({ messageIds }) => messageIds)));
      await this.projectTickets(tx, unique(rows.flatMap(({ ticketIds }) => ticketIds)));
      return rows.length;
    });
  }

  private async projectMessages(tx: Transaction, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    // A tsvector holds at most 1 MiB; text of a message is at most 64 KiB, subject 2 KiB.
    await tx.execute(
      'message_search_project',
      `insert into message_search (message_id, document)
       select id, to_tsvector('simple', extensions.f_unaccent(lower(concat_ws(' ', subject, text))))
       from messages where id = any ($1::uuid[]) and ticket_id is not null order by id
       on conflict (message_id) do update set document = excluded.document`,
      [ids],
    );
  }

  private async projectTickets(tx: Transaction, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await tx.execute(
      'ticket_search_project',
      `insert into ticket_search (ticket_id, label)
       select tickets.id, extensions.f_unaccent(lower(concat_ws(' ', number::text, reference, subject, customers.name,
              (select string_agg(concat_ws(' ', display_name, value), ' ') from identities
               where identities.customer_id = tickets.customer_id))))
       from tickets left join customers on customers.id = tickets.customer_id
       where tickets.id = any ($1::uuid[]) order by tickets.id
       on conflict (ticket_id) do update set label = excluded.label`,
      [ids],
    );
  }
}
