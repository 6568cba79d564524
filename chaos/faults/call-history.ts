import { postWebhook, TwilioSimulator, waitFor } from '#testing';
import { exchangeAccount } from '../../bench/harness/words.js';
import type { Report } from '../../bench/harness/report.js';
import { secretsOf } from '../../tools/platform/stack.js';
import { acknowledgements, withinOneMinute } from '../harness/acknowledgements.js';
import { callerOf, callNow, callsOf, dayOf, type ExchangeCall, recordsOf, toldLive } from '../harness/exchange.js';
import { receivedAt } from '../harness/far-side.js';
import { checkInvariants } from '../harness/invariants.js';
import { untilSettled } from '../harness/ledger.js';
import { NetworkWorld } from '../harness/network-world.js';
import { askReport } from '../harness/reports.js';
import { waitUntil } from '../harness/wait-until.js';

const rows = 100_000;
const days = 20;
const callers = 30_000;
/** Of each end, told by the webhook before the file tells them again; half of them under another id. */
const live = 100;
const burst = 150;
const missedAfter = 20;
const brake = 60;

/** SMS are acknowledged, at any hour. */
const ticketing = {
  ACKNOWLEDGEMENT_BRAKE_PER_MINUTE: String(brake),
  ACKNOWLEDGEMENT_CHANNELS: 'email,sms',
  QUIET_HOURS: '00:00-00:00',
};

interface State {
  readonly tickets: number;
  readonly callBacks: number;
  readonly onTickets: number;
  readonly calls: number;
  readonly copies: number;
  readonly sequences: number;
  readonly answers: number;
}

/** F23, the file: 100,000 call records of twenty days, sent twice, among them what the webhook has told already; then customers of it write, and call in vain. */
export async function f23Calls(report: Report): Promise<void> {
  const anHourAgo = new Date(Date.now() - 3_600_000);
  const stage = await NetworkWorld.create({ ticketing }, { services: ['phone-intake', 'ticketing', 'reporting'] });
  const { world } = stage;
  try {
    const today = await liveCalls(stage, 100);
    const calls = [...callsOf(days, { calls: rows - today.length, callers }), ...today];
    const before = await stateOf(stage);
    report.equals('tickets of live calls', today.length, before.tickets);
    report.equals('call-back tickets of them', live, before.callBacks);

    const file = recordsOf(calls);
    const first = await sent(stage, file);
    const again = await sent(stage, file);
    report.figure('the file', file.length / 1024 / 1024, 'MiB');
    report.figure('rows durable, first time', rows / first.seconds, '/s');
    report.figure('rows durable, second time', rows / again.seconds, '/s');
    report.figure('peak memory of phone-intake', world.service('phone-intake').process.peakRss(), 'MiB');
    report.equals('rows taken, first and second time', `${rows}, ${rows}`, `${first.ids.size}, ${again.ids.size}`);
    report.equals('ids that the second time did not have', 0, [...again.ids].filter((id) => !first.ids.has(id)).length);

    await checkInvariants(world, report, { calls: [...first.ids] });
    report.figure('from the first row to the last of the second time in ticketing and reports', first.since(), 's');
    report.equals(
      'what the import did to tickets, their facts and answers',
      JSON.stringify({ ...before, calls: rows, copies: live }),
      JSON.stringify(await stateOf(stage)),
    );
    report.equals('answers asked for by the import', 0, await acknowledgements(world, 'sent'));
    report.equals('held back by the brake', 0, await acknowledgements(world, 'braked'));
    report.equals('messages at the far side', 0, (await receivedAt(stage.simulators)).length);
    report.equals('days whose number of calls is not that of the file', '', await wrongDays(stage, calls, live));

    await stormOfToday(report, stage, before);
    await checkInvariants(world, report, { calls: [...first.ids] });
    report.equals('ledger', 'settled', await untilSettled(world, anHourAgo));
  } finally {
    await stage.close();
  }
}

/** Live calls of customers from `person` on who stand in the file too, told by the webhook; as the exchange keeps them. */
async function liveCalls(stage: NetworkWorld, person: number): Promise<ExchangeCall[]> {
  const calls = Array.from({ length: 2 * live }, (_, number) =>
    callNow(person + number, number % 2 === 0 ? 'ANSWERED' : 'NO ANSWER'),
  );
  for (const [number, call] of calls.entries()) await tell(stage, call, number % 4 < 2);
  await waitUntil('tickets of live calls', async () => (await stateOf(stage)).tickets >= calls.length);
  return calls;
}

async function tell({ world, exchange }: NetworkWorld, call: ExchangeCall, isNamedAlike = true): Promise<void> {
  const url = `${world.service('phone-intake').url}/webhooks/pbx/${exchangeAccount}`;
  const { status } = await postWebhook(url, exchange.webhook(toldLive(call, isNamedAlike)));
  if (status !== 204) throw new Error(`the webhook of a call was answered with ${status}`);
}

/** Sends the file as a supervisor does; the ids of the rows that are durable. */
async function sent({ world }: NetworkWorld, file: string) {
  const beganAt = performance.now();
  const since = () => (performance.now() - beganAt) / 1000;
  const authorization = `Bearer ${await world.token('supervisor')}`;
  const answer = await fetch(`${world.service('phone-intake').url}/api/v1/calls/import?account=${exchangeAccount}`, {
    method: 'POST',
    body: file,
    headers: { 'content-type': 'text/csv', authorization },
  });
  const lines = (await answer.text()).trimEnd().split('\n');
  const seconds = since();
  const last = JSON.parse(lines.pop() ?? '{}') as { complete?: boolean };
  if (last.complete !== true) throw new Error(`the import did not end: ${answer.status} ${JSON.stringify(last)}`);
  const ids = lines.flatMap((line) => (JSON.parse(line) as { id?: string }).id ?? []);
  return { ids: new Set(ids), seconds, since };
}

/** Those who stand in the file write today, more than the brake lets pass, and some call in vain: history stands in nobody's way. */
async function stormOfToday(report: Report, stage: NetworkWorld, before: State): Promise<void> {
  const { world } = stage;
  const sms = world.accounts.channels.find(({ channel }) => channel === 'sms');
  const twilio = new TwilioSimulator(secretsOf<'accountSid' | 'authToken'>(world.accounts, 'twilio'));
  await withinOneMinute();
  for (let person = 1_000; person < 1_000 + burst; person++) {
    const message = { From: callerOf(person), To: sms?.address ?? '', Body: `Vẫn chưa có mạng. (${person})` };
    const { status } = await twilio.post(sms?.webhook ?? '', twilio.incoming(message));
    if (status !== 200) throw new Error(`an SMS was answered with ${status}`);
  }
  for (let person = 2_000; person < 2_000 + missedAfter; person++) await tell(stage, callNow(person, 'NO ANSWER'));
  const opened = burst + missedAfter;
  await waitUntil('tickets of today', async () => (await stateOf(stage)).tickets >= before.tickets + opened);
  const after = await stateOf(stage);
  report.equals('tickets of customers of the file who write and call now', opened, after.tickets - before.tickets);
  report.equals('call-back tickets of those who call now', missedAfter, after.callBacks - before.callBacks);
  report.equals('answers let pass by the brake', brake, await acknowledgements(world, 'sent'));
  report.equals('held back and counted for the alert', burst - brake, await acknowledgements(world, 'braked'));
  const arrived = async () => (await receivedAt(stage.simulators)).map(({ to }) => to);
  await waitFor(async () => (await arrived()).length >= brake, { timeoutMs: 60_000, describe: 'answers to arrive' });
  const customers = await arrived();
  report.equals('answers at the customers, each with another', `${brake}, ${brake}`, both(customers));
}

const both = (customers: readonly string[]) => `${customers.length}, ${new Set(customers).size}`;

async function stateOf({ world }: NetworkWorld): Promise<State> {
  const [row] = await world.sql<Record<keyof State, string>>(`
    select (select count(*) from ticketing.tickets) as tickets,
           (select count(*) from ticketing.tickets where 'call_back' = any (tags)) as "callBacks",
           (select count(*) from ticketing.messages where ticket_id is not null) as "onTickets",
           (select count(*) from ticketing.messages where kind = 'call') as calls,
           (select coalesce(sum(jsonb_array_length(copies)), 0) from ticketing.messages) as copies,
           (select coalesce(sum(sequence), 0) from ticketing.tickets) as sequences,
           (select count(*) from ticketing.messages where direction = 'outbound' and kind <> 'call') as answers`);
  return Object.fromEntries(
    Object.entries(row ?? {}).map(([name, value]) => [name, Number(value)]),
  ) as unknown as State;
}

/** Compares what the reports say of each day with the file; today `toldTwice` calls more are events under two ids. */
async function wrongDays({ world }: NetworkWorld, calls: readonly ExchangeCall[], toldTwice: number): Promise<string> {
  const wanted = new Map<string, number>();
  for (const call of calls) wanted.set(dayOf(call), (wanted.get(dayOf(call)) ?? 0) + 1);
  const today = dayOf(calls.at(-1) ?? callNow(0, 'ANSWERED'));
  wanted.set(today, (wanted.get(today) ?? 0) + toldTwice);
  type Row = { readonly account: string; readonly channel: string; readonly feedback_count: number };
  const question = { metrics: 'feedback_count', groupBy: 'channel,account' };
  const { rows: shown } = await askReport<Row>(world, await world.token('analyst'), question);
  const ofCalls = shown.filter((row) => row.channel === 'phone' && row.account === exchangeAccount);
  const counted = new Map(ofCalls.map((row) => [row.bucket, row.feedback_count]));
  const wrong = [...new Set([...wanted.keys(), ...counted.keys()])].filter(
    (day) => wanted.get(day) !== counted.get(day),
  );
  return wrong.map((day) => `${day}: ${counted.get(day)} for ${wanted.get(day)}`).join(', ');
}
