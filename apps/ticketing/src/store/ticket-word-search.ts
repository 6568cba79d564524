import { Injectable } from '@nestjs/common';
import { Database } from '#postgres';
import type { Conditions } from './conditions.js';

/** Words as typed, and the ticket number that they may be. */
export interface SearchWords {
  readonly text: string;
  readonly number: number | undefined;
}

const likeSpecial = /[\\%_]/g;
/** More tickets than this with the words: they are not rare, so walking the list in its order finds a page soon. */
const fewTickets = 5_000;
const matches = `d.document @@ plainto_tsquery('simple', extensions.f_unaccent($2))`;

/** Words in tickets: all of them in the label, or all of them in one message, or they are the number. Without diacritics. */
@Injectable()
export class TicketWordSearch {
  constructor(private readonly database: Database) {}

  /**
   * Adds what restricts tickets `t` to those with the words. Rare words become a set of ids, from the indexes; frequent ones a check
   * of each ticket, since the index would give half of all history to be sorted.
   */
  async narrow(conditions: Conditions, { text, number }: SearchWords): Promise<void> {
    const lower = text.toLowerCase();
    const words = lower.split(/\s+/).filter(Boolean).slice(0, 8);
    const patterns = words.map((word) => `%${word.replace(likeSpecial, '\\$&')}%`);
    const label = patterns.map((_, index) => `s.label LIKE extensions.f_unaccent($${index + 3})`).join(' AND ');
    const values = [number ?? null, lower, ...patterns];
    const found = await this.database.query<{ id: string }>({
      name: `ticket_search_${words.length}`,
      text: `(SELECT n.id FROM tickets n WHERE n.number = $1::integer)
             UNION (SELECT s.ticket_id FROM ticket_search s WHERE ${label} LIMIT ${fewTickets + 1})
             UNION (SELECT m.ticket_id FROM message_search d JOIN messages m ON m.id = d.message_id
                    WHERE ${matches} LIMIT ${fewTickets + 1})`,
      values,
    });
    if (found.length <= fewTickets) {
      conditions.add(
        't.id = ANY($1::uuid[])',
        found.map(({ id }) => id),
      );
      return;
    }
    conditions.add(
      `(t.number = $1::integer
        OR EXISTS (SELECT FROM ticket_search s WHERE s.ticket_id = t.id AND ${label})
        OR EXISTS (SELECT FROM messages m JOIN message_search d ON d.message_id = m.id WHERE m.ticket_id = t.id AND ${matches}))`,
      ...values,
    );
  }
}
