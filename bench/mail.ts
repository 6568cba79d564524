import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../tools/platform/index.js';
import { startDovecot } from './harness/dovecot.js';
import { followDrain } from './harness/drain.js';
import { spread } from './harness/figures.js';
import { sampleMails } from './harness/mails.js';
import type { Report } from './harness/report.js';
import { mailboxAccount, Workspace } from './harness/workspace.js';

const count = 2_000;
const rounds = 5;
const password = 'bench-password';

/** Mails waiting in a real Dovecot → messages on the right tickets, acknowledgements off. */
export async function mail(report: Report): Promise<void> {
  const rates: number[] = [];
  const cpu: Record<string, number[]> = { 'email-intake': [], ticketing: [] };
  const peak: number[] = [];
  let wrong = 0;
  for (let round = 1; round <= rounds; round++) {
    const workspace = await Workspace.create();
    const dovecot = await startDovecot({ dir: join(workspace.dir, 'dovecot'), password });
    try {
      const mails = await sampleMails(count, 'support@phanhoi.example');
      if (round === 1) {
        report.figure('mean size of a mail', mails.reduce((sum, { raw }) => sum + raw.length, 0) / count / 1024, 'KiB');
      }
      await dovecot.deliver(
        'support',
        mails.map(({ raw }) => raw),
      );
      await writeFile(join(workspace.dir, 'channels.yaml'), channels(dovecot.port));
      const ticketingUrl = await workspace.databaseUrl('ticketing', 'bench');
      const emailUrl = await workspace.databaseUrl('email-intake', 'bench');
      const ticketing = workspace.start('ticketing', {
        PORT: String(await freePort()),
        DATABASE_URL: ticketingUrl,
        ACKNOWLEDGEMENTS: 'false',
      });
      const intake = workspace.start('email-intake', { PORT: String(await freePort()), DATABASE_URL: emailUrl });
      const drain = await ticketing.during(
        followDrain(ticketingUrl, "select count(*) from messages where direction = 'inbound'", count, {
          timeoutMs: 120_000,
        }),
      );
      rates.push(drain.perSecond);
      cpu['email-intake']?.push((intake.cpuSeconds() / count) * 1000);
      cpu.ticketing?.push((ticketing.cpuSeconds() / count) * 1000);
      peak.push(intake.peakRss());
      wrong += await wrongThreads(ticketingUrl);
      report.say(`round ${round}: ${drain.perSecond.toFixed(0)} mails/s`);
    } finally {
      await workspace.close();
      await dovecot.stop();
    }
  }
  report.spread('mails per second, Dovecot → messages on tickets', spread(rates), '/s');
  for (const [name, seconds] of Object.entries(cpu)) {
    report.spread(`${name}: CPU seconds per 1,000 mails, its start included`, spread(seconds), 's');
  }
  report.spread('email-intake: peak RSS', spread(peak), 'MiB');
  report.atLeast('mails per second', 400, spread(rates).median, '/s');
  report.equals('mails on a wrong ticket', 0, wrong);
}

/** A mail names its thread in its subject; a ticket must hold one thread, and a thread one ticket. */
async function wrongThreads(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ wrong: string }>(`
    with placed as (select ticket_id, substring(subject from '#([0-9]+)$') as thread from messages where direction = 'inbound')
    select (select count(*) - count(distinct ticket_id) from (select distinct ticket_id, thread from placed) pairs)
         + (select count(*) - count(distinct thread) from (select distinct ticket_id, thread from placed) pairs) as wrong`);
  await client.end();
  return Number(rows[0]?.wrong);
}

const channels = (port: number) => `accounts:
${mailboxAccount(port, password)}`;
