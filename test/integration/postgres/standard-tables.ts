import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { WireMessage } from '#contracts';
import { createLogger, type Logger } from '#observability';
import { inboxTable, leaseTable, outboundTable, outboxTable, spoolTable } from '#postgres';
import { type TestDatabase, testDatabase } from '#testing';

export class StandardTables1700000000000 implements MigrationInterface {
  name = 'StandardTables1700000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of [inboxTable, outboxTable, spoolTable, leaseTable, outboundTable])
      await queryRunner.query(table);
    await queryRunner.query('create table item (id int primary key, note text not null check (note <> $$bad$$))');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table inbox, outbox, spool, lease, outbound, item');
  }
}

export const standardDatabase = (): Promise<TestDatabase> =>
  testDatabase({ schema: 'trial', migrations: [StandardTables1700000000000], poolSize: 10 });

export const quiet: Logger = createLogger('test', 'silent');

/** A fact of a ticket, as far as a relay cares. */
export function aMessage(key: string, sequence: number): WireMessage {
  return {
    topic: 'ticket.changed.v1',
    key,
    partitionKey: key,
    headers: { ce_id: `${key}-${sequence}` },
    value: Buffer.from(JSON.stringify({ key, sequence })),
  };
}

/** Opens by hand what a test lets several parties meet at. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
