import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { freePorts } from '../tools/platform/index.js';
import { type RunningDovecot, startDovecot } from './harness/dovecot.js';
import { followDrain } from './harness/drain.js';
import { forgetPeakRss, rss } from './harness/machine.js';
import type { NodeProcess } from './harness/node-process.js';
import type { Report } from './harness/report.js';
import { mailboxAccount, type Service, Workspace } from './harness/workspace.js';

const services: readonly Service[] = ['web-form-intake', 'email-intake', 'ticketing', 'reporting'];
const idleMs = 30_000;
const mailBytes = 50 * 1024 * 1024;
const password = 'bench-password';
const inbound = `select count(*) from messages where direction = 'inbound'`;

/** What each service holds while nobody asks anything of it, and what one very large mail adds. An export's memory is measured by `report`. */
export async function memory(report: Report): Promise<void> {
  const workspace = await Workspace.create();
  const dovecot = await startDovecot({ dir: join(workspace.dir, 'dovecot'), password });
  try {
    await writeFile(join(workspace.dir, 'channels.yaml'), channels(dovecot.port));
    const running = await startAll(workspace);
    await delay(idleMs);
    for (const [service, process] of running) {
      report.figure(`${service}: largest ever, its start included`, process.peakRss(), 'MiB');
      report.atMost(`${service}: resident after ${idleMs / 1000} s idle`, 150, rss(process.pid), 'MiB');
    }
    const intake = running.get('email-intake');
    if (intake === undefined) throw new Error('email-intake does not run');
    await measureLargeMail(report, workspace, dovecot, intake);
  } finally {
    await workspace.close();
    await dovecot.stop();
  }
}

async function startAll(workspace: Workspace): Promise<Map<Service, NodeProcess>> {
  const ports = await freePorts(services.length);
  const running = new Map<Service, NodeProcess>();
  for (const [index, service] of services.entries()) {
    const env = {
      PORT: String(ports[index]),
      DATABASE_URL: await workspace.databaseUrl(service, 'bench'),
      ACKNOWLEDGEMENTS: 'false',
    };
    running.set(service, workspace.start(service, env));
  }
  for (const [index, service] of services.entries()) {
    await running.get(service)?.untilReady(`http://127.0.0.1:${ports[index]}`);
  }
  return running;
}

/** From the server to a ticket, its file in the store. */
async function measureLargeMail(
  report: Report,
  workspace: Workspace,
  dovecot: RunningDovecot,
  intake: NodeProcess,
): Promise<void> {
  const ticketingUrl = await workspace.databaseUrl('ticketing', 'bench');
  // A small one first: the threads and libraries of parsing count as the service's own, not as the large mail's.
  await dovecot.deliver('support', [mailOf(1_000)]);
  await intake.during(followDrain(ticketingUrl, inbound, 1, { timeoutMs: 60_000 }));
  const before = rss(intake.pid);
  forgetPeakRss(intake.pid);
  const startedAt = performance.now();
  await dovecot.deliver('support', [mailOf(mailBytes)]);
  await intake.during(followDrain(ticketingUrl, inbound, 2, { timeoutMs: 120_000 }));
  report.figure(
    'a mail of 50 MiB: seconds from the mailbox to the ticket',
    (performance.now() - startedAt) / 1000,
    's',
  );
  report.equals('its file', '1', await storedFiles(ticketingUrl));
  report.atMost('memory that it adds to email-intake', 150, intake.peakRss() - before, 'MiB');
}

async function storedFiles(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ files: string }>(
    'select coalesce(sum(json_array_length(attachments)), 0) as files from messages where attachments is not null',
  );
  await client.end();
  return rows[0]?.files ?? '0';
}

/** A mail of about so many bytes, nearly all of them one file. */
function mailOf(bytes: number): Buffer {
  const head = [
    'From: Khach hang <khach@donvi.example>',
    'To: support@phanhoi.example',
    `Subject: Anh chup loi, ${bytes} byte`,
    `Message-ID: <${randomBytes(8).toString('hex')}@donvi.example>`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
  ];
  const text = ['Content-Type: text/plain; charset=utf-8', '', 'Gửi kèm ảnh chụp lỗi.'];
  if (bytes < 10_000) return Buffer.from([...head, ...text].join('\r\n'));
  const line = 76;
  const coded = randomBytes(Math.floor((bytes * 57) / (line + 2))).toString('base64');
  const lines = coded.match(/.{1,76}/g) ?? [];
  const parts = [
    ...['--ranh', ...text],
    ...['--ranh', 'Content-Type: image/x-raw', 'Content-Disposition: attachment; filename="anh.raw"'],
    ...['Content-Transfer-Encoding: base64', '', ...lines, '--ranh--', ''],
  ];
  return Buffer.from([...head, 'Content-Type: multipart/mixed; boundary=ranh', '', ...parts].join('\r\n'));
}

const channels = (port: number) => `accounts:
${mailboxAccount(port, password)}  - id: default
    channel: web_form
    provider: own
    options: { default: true, title: { vi: Gửi phản hồi }, introduction: { vi: Chúng tôi đọc mọi phản hồi. } }
`;
