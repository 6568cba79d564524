import { waitFor } from '#testing';
import type { Report } from '../../bench/harness/report.js';
import { acknowledgements, withinOneMinute } from '../harness/acknowledgements.js';
import { FarSide } from '../harness/far-side.js';
import { checkInvariants } from '../harness/invariants.js';
import { MailboxWorld } from '../harness/mailbox-world.js';

const old = 20_000;
const burst = 150;
const brake = 60;
const drainMs = 180_000;

/** F23, the mailbox: 20,000 old mails, half of them younger than a day, are read from `since` on; then more people write than the brake lets pass. */
export async function f23Mailbox(report: Report): Promise<void> {
  const farSide = await FarSide.start({ manner: () => 'polite' });
  const stage = await MailboxWorld.create({
    smtpPort: farSide.port,
    since: '2020-01-01',
    env: { ticketing: { ACKNOWLEDGEMENT_BRAKE_PER_MINUTE: String(brake) } },
    before: async (mailbox) => {
      const anotherDay = new Date(Date.now() - 36 * 3_600_000);
      await mailbox.deliver(old / 2, { date: anotherDay, filedAt: anotherDay });
      await mailbox.deliver(old / 2);
    },
  });
  try {
    const seconds = await stage.untilTaken(drainMs);
    report.figure('old mails', old);
    report.figure('old mails on tickets', old / seconds, '/s');
    await stage.shown(['watching']);
    report.equals('answers asked for by old mails', 0, await acknowledgements(stage.world, 'sent'));
    report.equals('answers to old mails at the customers', 0, farSide.arrived.length);

    await withinOneMinute();
    await stage.mailbox.deliver(burst);
    report.figure('mails of as many people in one burst', burst);
    report.figure('the burst on tickets after', await stage.untilTaken(), 's');
    report.equals('answers let pass by the brake', brake, await acknowledgements(stage.world, 'sent'));
    report.equals('held back and counted for the alert', burst - brake, await acknowledgements(stage.world, 'braked'));
    await waitFor(() => farSide.arrived.length >= brake, { timeoutMs: 60_000, describe: 'the answers to arrive' });
    await checkInvariants(stage.world, report, { mails: stage.mailbox.owed });
    report.equals('answers at the customers', brake, farSide.arrived.length);
    report.equals('customers with two answers', 0, farSide.doubled);
  } finally {
    await stage.close();
    await farSide.close();
  }
}
