import { waitFor } from '#testing';
import type { Report } from '../../bench/harness/report.js';
import { acknowledgements } from '../harness/acknowledgements.js';
import { wrongClock } from '../harness/clock-settings.js';
import { FarSide, receivedAt } from '../harness/far-side.js';
import { checkInvariants } from '../harness/invariants.js';
import { untilSettled } from '../harness/ledger.js';
import { NetworkWorld } from '../harness/network-world.js';
import { OutageLoad } from '../harness/outage-load.js';
import { waitUntil } from '../harness/wait-until.js';
import { outOfOrder } from '../harness/words-on-the-log.js';
import type { World } from '../harness/world.js';

/** Those who take something while the broker is away, by clocks of their own. */
const intakes = ['web-form-intake', 'phone-intake', 'social-intake'] as const;
const hourMs = 3_600_000;
const oldest = { hoursAgo: 48, forms: 10_000, perChannel: 150 };
const tooOld = { ...oldest, hoursAgo: 30 };
const fresh = { hoursAgo: 0, forms: 150, perChannel: 30 };
const brake = 20;

/** Every channel that may be acknowledged is, at any hour. */
const ticketing = {
  ACKNOWLEDGEMENT_BRAKE_PER_MINUTE: String(brake),
  ACKNOWLEDGEMENT_CHANNELS: 'email,sms,zalo,whatsapp,messenger,instagram,telegram',
  QUIET_HOURS: '00:00-00:00',
};
const never: ReadonlySet<string> = new Set(['phone', 'facebook_comment']);

/** F23, the spool: the broker is away for two days, and comes back to all that was written and called meanwhile. */
export async function f23Spool(report: Report): Promise<void> {
  const startedAt = new Date(Date.now() - (oldest.hoursAgo + 1) * hourMs);
  const farSide = await FarSide.start({ manner: () => 'polite' });
  const clock = wrongClock(-oldest.hoursAgo * hourMs);
  const stage = await NetworkWorld.create(
    { ticketing, ...Object.fromEntries(intakes.map((name) => [name, clock])) },
    {
      services: [...intakes, 'email-intake', 'ticketing', 'reporting'],
      between: () => Promise.resolve({ smtpPort: farSide.port }),
    },
  );
  const { world } = stage;
  const load = new OutageLoad(world);
  try {
    await world.killBroker();
    await load.run(oldest);
    for (const wave of [tooOld, fresh]) {
      clock.CLOCK_SHIFT_MS = String(-wave.hoursAgo * hourMs);
      for (const name of intakes) await world.service(name).restart();
      await load.run(wave);
    }
    report.equals('inputs that were not taken without a broker', '', load.refusals);
    report.figure('rows in the spools', await spooled(world));

    await world.startBroker();
    const back = performance.now();
    const since = () => (performance.now() - back) / 1000;
    await waitUntil('the spools to be empty', async () => (await spooled(world)) === 0, {
      timeoutMs: 300_000,
      everyMs: 250,
    });
    report.figure('spools empty after', since(), 's');
    await checkInvariants(world, report, { forms: load.forms.ids, words: load.words });
    report.figure('all on tickets and in the reports after', since(), 's');
    report.equals('people whose words changed their order', 0, await outOfOrder(world.brokers, load.customers));
    await judgeTickets(report, world, load);
    await judgeAnswers(report, { stage, farSide, load });
    report.equals('ledger', 'settled', await untilSettled(world, startedAt));
  } finally {
    load.close();
    await stage.close();
    await farSide.close();
  }
}

async function spooled(world: World): Promise<number> {
  const [row] = await world.sql<{ rows: string }>(
    `select (select count(*) from web_form.spool) + (select count(*) from phone.spool) + (select count(*) from social.spool) as rows`,
  );
  return Number(row?.rows);
}

/** All that was written has a ticket, one for each person; of the missed calls only those that are news. */
async function judgeTickets(report: Report, world: World, { forms, customers }: OutageLoad): Promise<void> {
  const callers = customers.filter(({ channel }) => channel === 'phone');
  const freshCallers = callers.filter(({ hoursAgo }) => hoursAgo === fresh.hoursAgo).length;
  const [row] = await world.sql<{ tickets: string; callBacks: string; aside: string; old: string }>(`
    select count(*) as tickets, count(*) filter (where 'call_back' = any (tags)) as "callBacks",
           (select count(*) from ticketing.messages where ticket_id is null and kind = 'call') as aside,
           count(*) filter (where opened_at < now() - interval '24 hours') as old
    from ticketing.tickets`);
  const people = forms.ids.length + customers.length - callers.length;
  report.equals('tickets, one for each who wrote', people + freshCallers, Number(row?.tickets));
  report.equals('call-back tickets of fresh calls, none of old ones', freshCallers, Number(row?.callBacks));
  report.equals('old missed calls kept aside', 2 * (callers.length - freshCallers), Number(row?.aside));
  report.equals(
    'tickets that are older than a day',
    people - fresh.forms - freshOf(customers).filter(({ channel }) => channel !== 'phone').length,
    Number(row?.old),
  );
}

const freshOf = (customers: OutageLoad['customers']) => customers.filter(({ hoursAgo }) => hoursAgo === fresh.hoursAgo);

/** Only who wrote today is told so, as far as the brake lets it pass. */
async function judgeAnswers(
  report: Report,
  { stage, farSide, load }: { readonly stage: NetworkWorld; readonly farSide: FarSide; readonly load: OutageLoad },
): Promise<void> {
  const { world } = stage;
  const [row] = await world.sql<{ asked: string; old: string; fastest: string }>(`
    with answers as (
      select m.account, m.occurred_at, t.opened_at from ticketing.messages m join ticketing.tickets t on t.id = m.ticket_id
       where m.automatic and m.direction = 'outbound')
    select (select count(*) from answers) as asked,
           (select count(*) from answers where opened_at < now() - interval '24 hours') as old,
           (select coalesce(max(n), 0) from
             (select count(*) as n from answers group by account, date_trunc('minute', occurred_at)) by_minute) as fastest`);
  const asked = Number(row?.asked);
  const news = fresh.forms + freshOf(load.customers).filter(({ channel }) => !never.has(channel)).length;
  report.equals('automatic answers to what is older than a day', 0, Number(row?.old));
  report.atMost('automatic answers of an account in one minute', brake, Number(row?.fastest));
  const [sent, braked] = [await acknowledgements(world, 'sent'), await acknowledgements(world, 'braked')];
  report.equals('answers counted as sent', asked, sent);
  report.equals('fresh words, answered or held back and counted for the alert', news, sent + braked);
  report.atLeast('of those held back', 1, braked);
  const arrived = async () => farSide.arrived.length + (await receivedAt(stage.simulators)).length;
  await waitFor(async () => (await arrived()) >= asked, { timeoutMs: 120_000, describe: 'the answers to arrive' });
  report.equals('answers at the customers', asked, await arrived());
  report.equals('customers with two mails', 0, farSide.doubled);
  report.equals(
    'mails to who wrote long ago',
    0,
    farSide.arrived.filter(({ to }) => !to.endsWith('@h0.example')).length,
  );
}
