import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { chown, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import type { Report } from '../../bench/harness/report.js';
import { FileSender } from '../harness/file-sender.js';
import { checkInvariants, missingMails } from '../harness/invariants.js';
import { SmallDisk } from '../harness/small-disk.js';
import { Traffic } from '../harness/traffic.js';
import { waitUntil } from '../harness/wait-until.js';
import { World } from '../harness/world.js';

const load = { formsPerSecond: 20, mailsPerSecond: 3 };
const fileBytes = 300_000;
const recoverySeconds = 5;
const noSpace = 'no space left for attachments';

/** F15: the disk of the attachments is full; forms and mails without files go on. */
export const f15Attachments = (report: Report): Promise<void> => SmallDisk.with(32, (disk) => fillStore(report, disk));

async function fillStore(report: Report, disk: SmallDisk): Promise<void> {
  const store = join(disk.dir, 'store');
  const env = { STORE_DIR: store };
  const world = await World.create({ env: { 'web-form-intake': env, 'email-intake': env, ticketing: env } });
  try {
    const files = new FileSender(() => world.service('web-form-intake').url, fileBytes);
    const traffic = Traffic.start({ ...world.entrances, ...load });
    const letters: string[] = [];
    const owed = await traffic.around(async () => {
      report.equals('forms with a file while there is space', '202', distinct(await files.sendMany(5)));
      await disk.fill();
      const refused = await files.sendMany(10);
      report.equals('forms with a file while the disk is full', '503 storage_full', distinct(refused));
      report.atLeast('their Retry-After', 1, Math.min(...refused.map(({ retryAfter }) => retryAfter)), 's');
      for (let number = 0; number < 3; number++) letters.push(await sendLetterWithFile(world));
      const token = await world.token('supervisor');
      const told = await waitUntil('a word of it', async () => (await mailboxError(world, token)) === noSpace, {
        timeoutMs: 120_000,
        everyMs: 500,
      });
      report.figure('GET /api/v1/mailboxes says that there is no space after', told / 1000, 's');
      await delay(5_000);
      report.equals('mails with a file that wait while the disk is full', 3, await missingMails(world, letters));
      await disk.free();
      const formsAgain = await waitUntil('a form with a file', async () => (await files.send()).status === 202);
      report.atMost('forms with a file taken after space is back', recoverySeconds, formsAgain / 1000, 's');
      report.equals('and from then on', '202', distinct(await files.sendMany(5)));
      const mailsAgain = await waitUntil('the mails', async () => (await missingMails(world, letters)) === 0, {
        timeoutMs: 180_000,
      });
      report.figure('mails with a file on tickets after space is back', mailsAgain / 1000, 's');
    });
    report.equals('forms without a file not answered with 202', 0, refusedIn(traffic, [202]));
    report.equals('acknowledged files that are not whole in the store', 0, await spoilt(store, files));
    report.equals('remains of refused files', 0, (await readdir(join(store, 'staging'))).length);
    report.equals('services that exited', 0, world.deaths);
    const forms = [...(owed.forms ?? []), ...files.acknowledged.keys()];
    await checkInvariants(world, report, { forms, mails: [...(owed.mails ?? []), ...letters] });
  } finally {
    await world.close();
  }
}

/** F15: the broker is away, and the disk of the table that stands in for it is full. */
export const f15Spool = (report: Report): Promise<void> => SmallDisk.with(32, (disk) => fillSpool(report, disk));

async function fillSpool(report: Report, disk: SmallDisk): Promise<void> {
  const world = await World.create();
  try {
    await moveSpool(world, disk);
    const traffic = Traffic.start({ ...world.entrances, ...load });
    const { forms } = traffic;
    const owed = await traffic.around(async () => {
      await world.killBroker();
      await delay(6_000);
      report.atLeast('forms in the spool', 1, await spooled(world));
      await disk.fill();
      await waitUntil('a refusal', () => forms.answers.has(503));
      await delay(3_000);
      const [before, kept] = [forms.acknowledged.ids.length, await spooled(world)];
      const answer = await post(world);
      report.equals('a form while the spool is full', '503 unavailable', await said(answer));
      report.atLeast('its Retry-After', 1, Number(answer.headers.get('retry-after')), 's');
      await delay(8_000);
      report.figure('refused while the spool was full', forms.answers.get(503) ?? 0);
      // Room left in its last pages may take a few more, two rows each; what was acknowledged lies there.
      const acknowledged = forms.acknowledged.ids.length - before;
      report.atMost('acknowledged beyond the rows that found room', (await spooled(world)) - kept, acknowledged * 2);
      await disk.free();
      const again = await waitUntil('a form that is taken', async () => (await post(world)).status === 202);
      report.atMost('forms taken after space is back', recoverySeconds, again / 1000, 's');
      await delay(3_000);
      await world.startBroker();
      await delay(8_000);
    });
    report.equals('forms answered with other than 202 and 503', 0, refusedIn(traffic, [202, 503]));
    report.equals('services that exited', 0, world.deaths);
    await checkInvariants(world, report, owed);
    report.equals('rows left in the spool', 0, await spooled(world));
  } finally {
    await world.close();
  }
}

/** The table alone lies on the small disk: a full disk under the whole of PostgreSQL would be its end, not the product's. */
async function moveSpool(world: World, disk: SmallDisk): Promise<void> {
  const place = join(disk.dir, 'spool');
  await mkdir(place);
  const { uid, gid } = await stat(join(world.dir, 'postgres'));
  await chown(place, uid, gid);
  await world.sql(`create tablespace small location '${place}'`);
  await world.sql('alter table web_form.spool set tablespace small');
}

async function spooled(world: World): Promise<number> {
  const [row] = await world.sql<{ count: string }>('select count(*) from web_form.spool');
  return Number(row?.count);
}

async function post(world: World): Promise<Response> {
  return await fetch(`${world.service('web-form-intake').url}/api/v1/feedback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'Có còn chỗ không?' }),
  });
}

async function said(answer: Response): Promise<string> {
  const { code = '' } = (await answer.json()) as { code?: string };
  return `${answer.status} ${code}`.trim();
}

function distinct(answers: readonly { readonly status: number; readonly code: string }[]): string {
  return [...new Set(answers.map(({ status, code }) => `${status} ${code}`.trim()))].join(', ');
}

function refusedIn({ forms }: Traffic, accepted: readonly number[]): number {
  return [...forms.answers].reduce((sum, [status, count]) => sum + (accepted.includes(status) ? 0 : count), 0);
}

async function sendLetterWithFile(world: World): Promise<string> {
  const messageId = `<${randomUUID()}@donvi.example>`;
  const transport = createTransport(world.mail.smtpUrl);
  await transport.sendMail({
    ...{ from: `khach.${randomUUID()}@donvi.example`, to: world.support, messageId },
    ...{ subject: 'Ảnh chụp màn hình', text: 'Xem tệp đính kèm.' },
    attachments: [{ filename: 'ghi-chep.txt', content: randomBytes(fileBytes / 2).toString('hex') }],
  });
  transport.close();
  return messageId;
}

async function mailboxError(world: World, token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${world.service('email-intake').url}/api/v1/mailboxes`, { headers });
  const { items } = (await answer.json()) as { items: { folder: string; lastError?: string }[] };
  return items.find(({ folder }) => folder === 'inbox')?.lastError ?? 'no error';
}

/** How many acknowledged files the store does not have, or has with other bytes. */
async function spoilt(store: string, { acknowledged }: FileSender): Promise<number> {
  let count = 0;
  for (const sha256 of acknowledged.values()) {
    const path = join(store, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
    const found = await readFile(path).then(
      (bytes) => createHash('sha256').update(bytes).digest('hex'),
      (error: Error) => error.message,
    );
    if (found !== sha256) count += 1;
  }
  return count;
}
