import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inboxTable, leaseTable, outboxTable } from '#postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Foundation1795377600000 implements MigrationInterface {
  name = 'Foundation1795377600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of [inboxTable, outboxTable, leaseTable]) await runner.query(table);
    await runner.query(readFileSync(join(import.meta.dirname, 'foundation.sql'), 'utf8'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP SEQUENCE ticket_numbers;
      DROP TABLE customers, identities, organizations, timeline, notes, responses, audit, messages, teams, agents, team_members, categories, conversations, mail_references, suggestions, tickets, search_backlog, message_search, ticket_search, acknowledgement_brakes, erased_events, pending_edits, idempotency_keys, inbox, outbox, lease;`);
  }
}
