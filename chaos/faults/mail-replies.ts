import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '#testing';
import type { Report } from '../../bench/harness/report.js';
import { FarSide, type Manner } from '../harness/far-side.js';
import { checkInvariants } from '../harness/invariants.js';
import { type Mailbox, MailboxWorld } from '../harness/mailbox-world.js';

/** By the domain of the customer. */
const manners: Readonly<Record<string, Manner>> = {
  'im-lang.example': 'silent',
  'cup-may.example': 'swallows',
  'ban.example': 'busy',
  'luu-giup.example': 'files',
};
const mannerOf = (to: string): Manner => manners[to.split('@')[1] ?? ''] ?? 'polite';

interface Sending {
  readonly to: string;
  readonly state: string;
  readonly shown: string | null;
}

/** Every answer as email-intake holds it, beside what ticketing shows of it. */
async function sendings(stage: MailboxWorld): Promise<Sending[]> {
  return stage.world.sql<{ to: string; state: string; shown: string | null }>(`
    select payload #>> '{to,value}' as "to", outbound.state, messages.state as shown
    from email.outbound left join ticketing.messages on messages.id = outbound.reply_id
    where payload ->> 'kind' = 'reply'`);
}

/** Waits until every mail has its answer and every answer has been decided, and both sides say the same of it. */
async function settled(stage: MailboxWorld, answers: number, timeoutMs: number): Promise<Sending[]> {
  let last: Sending[] = [];
  return await waitFor(
    async () => {
      last = await sendings(stage);
      const open = last.filter(
        ({ state, shown }) => state !== shown || !['sent', 'uncertain', 'failed'].includes(state),
      );
      return last.length >= answers && open.length === 0 ? last : undefined;
    },
    {
      timeoutMs,
      everyMs: 200,
      describe: () => `${answers} answers to be decided: ${JSON.stringify(countBy(last, ({ state }) => state))}`,
    },
  );
}

function countBy(all: readonly Sending[], key: (one: Sending) => string): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(all, key)].map(([value, group]) => [value, group.length]));
}

const failpoints = ['reply_claimed:3', 'reply_sent:2', 'reply_claimed:2,reply_sent:9', 'reply_sent:4'];

/** email-intake dies between claim and sending, and between sending and writing it down, while answers are due. */
async function crash(stage: MailboxWorld, env: Record<string, string>): Promise<number> {
  const service = stage.world.service('email-intake');
  for (const failpoint of failpoints) {
    env.FAILPOINT = failpoint;
    service.kill();
    const lives = service.recoveries.length;
    await waitFor(() => service.recoveries.length > lives, {
      timeoutMs: 60_000,
      describe: 'email-intake to come back',
    });
    await stage.mailbox.deliver(12);
    await waitFor(() => service.recoveries.length > lives + 1, {
      timeoutMs: 60_000,
      describe: `a death at ${failpoint}`,
    });
  }
  delete env.FAILPOINT;
  service.kill();
  await delay(500);
  await service.ready();
  return failpoints.length;
}

/** F14: answers in the moment of a crash, and to servers that take a mail and do not say so. */
export async function f14(report: Report): Promise<void> {
  const email: Record<string, string> = {};
  let mailbox: Mailbox | undefined;
  const farSide = await FarSide.start({
    manner: mannerOf,
    file: async (mail) =>
      mailbox?.asColleague((client) => client.append('Sent', mail, ['\\Seen'])).then(() => undefined),
  });
  const stage = await MailboxWorld.create({
    smtpPort: farSide.port,
    env: { 'email-intake': email },
    before: async (opened) => void (mailbox = opened),
  });
  try {
    await stage.shown(['watching']);
    report.figure('deaths between claim and sending, or sending and writing it down', await crash(stage, email));
    const from = (domain: string, count: number) =>
      Array.from({ length: count }, (_, number) => `khach-${number}@${domain}`);
    const customers = [
      ...from('im-lang.example', 2),
      ...from('cup-may.example', 10),
      ...from('ban.example', 5),
      ...from('luu-giup.example', 10),
      ...from('lich-su.example', 20),
    ];
    for (const customer of customers) await stage.mailbox.deliver(1, { from: customer });
    // The sender waits two minutes for a server that has gone silent behind the last byte.
    const all = await settled(stage, stage.mailbox.owed.length, 240_000);
    const of = (domain: string) =>
      JSON.stringify(
        countBy(
          all.filter(({ to }) => to.endsWith(domain)),
          ({ state }) => state,
        ),
      );
    report.equals('a server that hangs up behind the last byte', '{"uncertain":10}', of('cup-may.example'));
    report.equals('a server that says nothing behind the last byte', '{"uncertain":2}', of('im-lang.example'));
    report.equals('a server that files in Sent and hangs up: resolved', '{"sent":10}', of('luu-giup.example'));
    report.equals('a server that is busy at first', '{"sent":5}', of('ban.example'));
    report.equals('a server as it should be', '{"sent":20}', of('lich-su.example'));
    const uncertain = all.filter(({ state }) => state === 'uncertain');
    const here = new Set(farSide.arrived.map(({ to }) => to));
    report.figure(
      'uncertain after a crash: came to the customer',
      uncertain.filter(({ to }) => here.has(to)).length - 12,
    );
    report.figure('uncertain after a crash: did not', uncertain.filter(({ to }) => !here.has(to)).length);
    report.equals(
      'answers that are sent and lie with nobody',
      0,
      all.filter(({ to, state }) => state === 'sent' && !here.has(to)).length,
    );
    report.equals('customers with two answers', 0, farSide.doubled);
    await checkInvariants(stage.world, report, { mails: stage.mailbox.owed });
  } finally {
    await stage.close();
    await farSide.close();
  }
}
