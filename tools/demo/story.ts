import { randomUUID } from 'node:crypto';
import type { ParsedMail } from 'mailparser';
import { PlatformError } from '../platform/platform-error.js';
import type { Stack } from '../platform/stack.js';
import { until } from '../platform/until.js';
import { Client, call, type Ticket } from './api.js';
import { CustomerMailbox } from './customer-mailbox.js';
import { countsOf, type ReportCounts, reportedMetrics } from './report-counts.js';

const patienceMs = 60_000;

export interface Ending {
  readonly tickets: readonly Ticket[];
  readonly before: ReportCounts;
  readonly after: ReportCounts;
}

/** The main job once, from the customer's keyboard to the analyst's table. Throws what is missing. */
export async function tell(stack: Stack, say: (line: string) => void): Promise<Ending> {
  const run = randomUUID().slice(0, 8);
  const urls = { ticketing: urlOf(stack, 'ticketing'), reporting: urlOf(stack, 'reporting') };
  const agent = await Client.signIn(urls, accountOf(stack, 'agent'));
  const analyst = await Client.signIn(urls, accountOf(stack, 'analyst'));
  const customer = new CustomerMailbox(stack);
  const before = countsOf(await analyst.report(reportedMetrics));

  const subject = `Mất kết nối Internet tại trường (${run})`;
  const messageId = await customer.send({
    to: stack.mailboxes['support']?.address ?? '',
    subject,
    text: 'Kính gửi bộ phận chăm sóc khách hàng,\n\nTừ sáng nay đường truyền của trường chúng tôi bị gián đoạn.\n\nTrân trọng,\nHoa',
  });
  say(`the customer sent a mail: ${subject}`);
  const form = (await call(`${urlOf(stack, 'web-form-intake')}/api/v1/feedback`, {
    method: 'POST',
    headers: { 'idempotency-key': run },
    body: {
      name: 'Nguyễn Thị Hoa',
      email: customer.address,
      subject: `Hóa đơn tháng này (${run})`,
      message: 'Hóa đơn tháng này bị tính hai lần.',
      language: 'vi',
    },
  })) as { id: string; reference: string };
  say(`the web form took a message: ${form.reference}`);

  const mailTicket = await arrives('the ticket of the mail', () =>
    agent.findTicket((item) => item.subject === subject),
  );
  say(`the mail is ticket ${mailTicket.number}`);
  const formTicket = await arrives('the ticket of the form', () =>
    agent.findTicket((item) => item.reference === form.reference),
  );
  say(`the form is ticket ${formTicket.number}`);

  const answer = `Chúng tôi đã khắc phục sự cố đường truyền, mã ${run}.`;
  const formAnswer = `Hóa đơn đã được điều chỉnh, mã ${run}.`;
  await agent.reply(mailTicket.number, answer);
  await agent.reply(formTicket.number, formAnswer);
  const received = await arrives("the answer in the customer's mailbox", () => customer.find(answer));
  assertThreading(received, messageId);
  say(`the answer to ${mailTicket.number} lies in the customer's mailbox, threaded to the customer's mail`);
  await arrives("the answer to the form in the customer's mailbox", () => customer.find(formAnswer));
  say(`the answer to ${formTicket.number} lies there too`);

  const thanks = `Cảm ơn, đường truyền đã hoạt động trở lại (${run}).`;
  await customer.send(replyTo(received, thanks));
  await arrives(`the customer's reply on ticket ${mailTicket.number}`, async () =>
    hasInbound(await agent.ticket(mailTicket.number), thanks),
  );
  say(`the customer's reply joined ${mailTicket.number}`);

  const missing = (now: ReportCounts) => shortfalls(before, now);
  let after = before;
  await until(
    async () => {
      after = countsOf(await analyst.report(reportedMetrics));
      return missing(after).length === 0;
    },
    { what: 'the report', timeoutMs: patienceMs, everyMs: 250 },
  ).catch(() => {
    throw new PlatformError(`The report does not count all of it: ${missing(after).join('; ')}.`);
  });
  say('the report counts all of it');
  return { tickets: [await agent.ticket(mailTicket.number), await agent.ticket(formTicket.number)], before, after };
}

/** What this run must have added at least; others may use the same platform meanwhile. */
const expected: readonly (readonly [channel: string, metric: keyof ReportCounts[string], atLeast: number])[] = [
  ['email', 'feedback_count', 2],
  ['web_form', 'feedback_count', 1],
  ['email', 'tickets_opened', 1],
  ['web_form', 'tickets_opened', 1],
  ['email', 'first_responses', 1],
  ['web_form', 'first_responses', 1],
];

function shortfalls(before: ReportCounts, after: ReportCounts): string[] {
  return expected.flatMap(([channel, metric, atLeast]) => {
    const grown = (after[channel]?.[metric] ?? 0) - (before[channel]?.[metric] ?? 0);
    return grown < atLeast ? [`${metric} of ${channel} grew by ${grown} instead of ${atLeast}`] : [];
  });
}

function assertThreading(mail: ParsedMail, messageId: string): void {
  const references = [mail.references ?? []].flat();
  if (mail.inReplyTo === messageId && references.includes(messageId)) return;
  throw new PlatformError(
    `The answer came, but is not threaded to ${messageId}: In-Reply-To ${mail.inReplyTo ?? 'missing'}, References ${references.join(' ') || 'missing'}.`,
  );
}

/** As a mail program does it: to the Reply-To, with the whole chain of references and the answer quoted. */
function replyTo(mail: ParsedMail, text: string) {
  const quoted = (mail.text ?? '')
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
  const messageId = mail.messageId ?? '';
  return {
    to: mail.replyTo?.text ?? mail.from?.text ?? '',
    subject: `Re: ${mail.subject?.replace(/^Re: /i, '') ?? ''}`,
    inReplyTo: messageId,
    references: [...[mail.references ?? []].flat(), messageId],
    text: `${text}\n\nVào lúc 08:00, Phản Hồi đã viết:\n${quoted}\n`,
  };
}

function hasInbound(ticket: Ticket, text: string): boolean {
  return ticket.messages.some((message) => message.direction === 'inbound' && message.text.includes(text));
}

async function arrives<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  return until(look, { what, timeoutMs: patienceMs, everyMs: 200 }).catch((error: Error) => {
    const why = error.cause instanceof Error ? ` The last look failed: ${error.cause.message}.` : '';
    throw new PlatformError(`Missing after ${patienceMs / 1_000} s: ${what}.${why}`, { cause: error });
  });
}

function urlOf(stack: Stack, service: string): string {
  const url = stack.services[service]?.url;
  if (url === undefined) throw new PlatformError(`stack.json names no service ${service}.`);
  return url;
}

function accountOf(stack: Stack, role: string) {
  const account = stack.accounts[role];
  if (account === undefined) throw new PlatformError(`stack.json names no account ${role}.`);
  return account;
}
