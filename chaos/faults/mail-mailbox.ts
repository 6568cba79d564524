import { setTimeout as delay } from 'node:timers/promises';
import type { Report } from '../../bench/harness/report.js';
import { checkInvariants } from '../harness/invariants.js';
import { MailboxWorld } from '../harness/mailbox-world.js';

/** The longest pause between two attempts of a folder is 30 s, and a quarter more by chance. */
const longestPause = 38;

type Fault = (world: MailboxWorld, report: Report) => Promise<void>;

/** The server numbers all mails anew, once at rest and once with mails that nobody has read yet. */
const uidsAnew: Fault = async (stage, report) => {
  const { mailbox } = stage;
  await mailbox.deliver(300);
  await stage.untilTaken();
  await mailbox.restart({ anew: true });
  await mailbox.deliver(100);
  report.atMost('UIDVALIDITY changed: new mails on tickets after', longestPause, await stage.untilTaken(), 's');
  await mailbox.deliver(200);
  await mailbox.restart({ anew: true });
  report.atMost('changed again with unread mails: after', longestPause, await stage.untilTaken(), 's');
};

/** A colleague empties the mailbox, once at rest and once while it is read; what comes later must be taken. */
const emptied: Fault = async (stage, report) => {
  const { mailbox } = stage;
  report.figure('mails that a colleague deleted at rest', await mailbox.empty());
  await mailbox.deliver(100);
  report.atMost('emptied at rest: next mails on tickets after', longestPause, await stage.untilTaken(), 's');
  const [taken, owed] = [await stage.taken(), mailbox.owed.length];
  await mailbox.deliver(1_000, { padding: 12_000 });
  while ((await stage.taken()) === taken) await delay(20);
  report.figure('mails that a colleague deleted in mid-reading', await mailbox.empty());
  // What was deleted before we read it is not owed: only what comes from now on is.
  mailbox.owed.length = owed;
  await mailbox.deliver(100);
  report.atMost('emptied in mid-reading: next mails after', longestPause, await stage.untilTaken(), 's');
};

/** The connection is cut while mails are on their way. */
const cut: Fault = async (stage, report) => {
  const { mailbox } = stage;
  let hits = 0;
  for (let time = 0; time < 4; time++) {
    await mailbox.deliver(300, { padding: 12_000 });
    while ((await stage.inbox())?.state !== 'reading') await delay(5);
    mailbox.proxy.cut();
    if ((await stage.inbox())?.state !== 'watching') hits++;
  }
  report.atLeast('connections cut in mid-reading', 3, hits);
  report.atMost('cut four times: all mails on tickets after', longestPause, await stage.untilTaken(), 's');
};

/** The network swallows everything while both sides believe that they are connected; once idle, once while mails are on their way. */
const halfOpen: Fault = async (stage, report) => {
  const { mailbox } = stage;
  await stage.shown(['watching']);
  mailbox.proxy.freeze();
  await mailbox.deliver(50);
  const frozenAt = performance.now();
  const shown = await stage.shown(['backing_off']);
  report.atMost('half-open IDLE noticed and shown after', 25, (performance.now() - frozenAt) / 1000, 's');
  report.equals('shown as', 'silent', shown.lastError ?? '');
  mailbox.proxy.restore();
  report.atMost('half-open IDLE: mails on tickets after', longestPause, await stage.untilTaken(), 's');
  await mailbox.deliver(300, { padding: 12_000 });
  while ((await stage.inbox())?.state !== 'reading') await delay(5);
  mailbox.proxy.freeze();
  mailbox.proxy.restore();
  report.atMost('half-open in mid-reading: mails on tickets after', 50, await stage.untilTaken(), 's');
  const live = await fetch(`${stage.world.service('email-intake').url}/health/live`);
  report.equals('alive after it', 200, live.status);
};

/** Somebody changes the password, and changes it back. */
const password: Fault = async (stage, report) => {
  const { mailbox } = stage;
  await mailbox.restart({ password: 'changed-by-somebody' });
  await mailbox.deliver(50);
  const shown = await stage.shown(['sign_in_refused']);
  report.equals('shown as', 'the server refuses what we sign in with', shown.lastError ?? '');
  await delay(3_000);
  await mailbox.restart();
  report.atMost('password back: mails on tickets after', longestPause, await stage.untilTaken(), 's');
  report.equals('shown afterwards as', 'watching', (await stage.shown(['watching'])).state);
};

async function run(report: Report, faults: readonly Fault[]): Promise<void> {
  const stage = await MailboxWorld.create({ env: { ticketing: { ACKNOWLEDGEMENTS: 'false' } } });
  try {
    await stage.shown(['watching']);
    for (const fault of faults) await fault(stage, report);
    report.equals('services that exited', 0, stage.world.service('email-intake').recoveries.length);
    await checkInvariants(stage.world, report, { mails: stage.mailbox.owed });
  } finally {
    await stage.close();
  }
}

/** F13, the mailbox itself: numbered anew, emptied, password changed. */
export const f13Mailbox = (report: Report): Promise<void> => run(report, [uidsAnew, emptied, password]);

/** F13, the way to it: cut in mid-reading, half-open while idle and while reading. */
export const f13Network = (report: Report): Promise<void> => run(report, [cut, halfOpen]);
