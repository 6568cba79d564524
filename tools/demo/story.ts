import { randomUUID } from 'node:crypto';
import type { ParsedMail } from 'mailparser';
import { PlatformError } from '../platform/platform-error.js';
import type { Stack } from '../platform/stack.js';
import { until } from '../platform/until.js';
import { Client, type Ticket } from './api.js';
import { CustomerMailbox } from './customer-mailbox.js';
import {
  type Customer,
  formWriter,
  lateZaloUser,
  mailWriter,
  metaUsers,
  telegramUser,
  telephoneUsers,
  zaloUser,
} from './customers.js';
import { type Expected, faultOf, fallbackOf, settledAnswer } from './judge.js';
import { type Ledger, unsettled } from './ledger.js';
import { countsOf, type ReportCounts, reportedMetrics, shortfalls } from './report-counts.js';

const patienceMs = 60_000;

/** One customer's word and what became of it. */
export interface Outcome {
  readonly label: string;
  readonly ticket: Ticket;
  readonly answered: Expected;
  readonly state: string;
  readonly fallback: ReturnType<typeof fallbackOf>;
}

export interface Ending {
  readonly outcomes: readonly Outcome[];
  readonly before: ReportCounts;
  readonly after: ReportCounts;
  readonly ledger: Ledger;
}

/** The main job once on every channel, from the customer's telephone to the analyst's table. Throws what is missing. */
export async function tell(stack: Stack, say: (line: string) => void): Promise<Ending> {
  const startedAt = Date.now();
  const run = randomUUID().slice(0, 8);
  const urls = { ticketing: urlOf(stack, 'ticketing'), reporting: urlOf(stack, 'reporting') };
  const agent = await Client.signIn(urls, accountOf(stack, 'agent'));
  const analyst = await Client.signIn(urls, accountOf(stack, 'analyst'));
  const mailbox = new CustomerMailbox(stack);
  const mailer = mailWriter(mailbox, stack.mailboxes['support']?.address ?? '', `Mất kết nối Internet (${run})`);
  const { texter, caller, number } = telephoneUsers(stack);
  const latecomer = lateZaloUser(stack, texter, number);
  const customers = [
    mailer,
    formWriter(mailbox, urlOf(stack, 'web-form-intake'), run),
    texter,
    caller,
    ...metaUsers(stack),
    zaloUser(stack),
    telegramUser(stack),
    latecomer,
  ];
  const before = countsOf(await analyst.report(reportedMetrics));

  say(`${customers.length} customers write, on ten channels`);
  const opened = await Promise.all(customers.map((customer) => open(customer, agent)));
  const ticketOf = (customer: Customer) => opened.find((one) => one.customer === customer)?.ticket;
  say(`each has a ticket; who wrote on Zalo 8 days ago is known to be the one with ${number}`);
  await agent.mergeCustomers(ticketOf(latecomer)?.customer.id ?? '', ticketOf(texter)?.customer.id ?? '');

  say('an agent answers each');
  const instructions = new File([`Hướng dẫn khởi động lại modem (${run})\r\n`], 'hướng dẫn.txt', {
    type: 'text/plain',
  });
  const owed = await Promise.all(
    opened.map((one) => answer(one, agent, run, one.customer === mailer ? [instructions] : [])),
  );
  const outcomes = await Promise.all(owed.map((one) => settle(one, agent)));
  say('each answer has arrived');
  await thank(
    mailbox,
    agent,
    owed.find(({ customer }) => customer === mailer),
  );
  say("the answer by mail carries its file, byte for byte; the customer's reply to it joined its ticket");
  const after = await untilReported(analyst, before);
  say('the report counts all of it');
  // Once more at the end: a second copy may take its time.
  await Promise.all(owed.map((one) => assertOnce(one)));
  // Their words, and the reply to the answer.
  const ledger = await untilSettled(analyst, startedAt, customers.length + 1);
  say('the ledger is settled: what came in is what went where');
  return { outcomes, before, after, ledger };
}

interface Opened {
  readonly customer: Customer;
  readonly expected: Expected;
  readonly ticket: Ticket;
}

interface Owed extends Opened {
  /** Words that only this answer holds. */
  readonly mark: string;
  readonly files: readonly File[];
}

async function open(customer: Customer, agent: Client): Promise<Opened> {
  const expected = await customer.write();
  const ticket = await arrives(`the ticket of ${customer.label}`, () =>
    agent.findTicket(customer.channel, (item) => customer.isOpener(item)),
  );
  return { customer, expected, ticket };
}

async function answer(opened: Opened, agent: Client, run: string, files: readonly File[]): Promise<Owed> {
  const { number } = opened.ticket;
  const mark = `(${run}/${number})`;
  const attachments = await Promise.all(files.map((file) => agent.attach(file)));
  await agent.reply(number, `Yêu cầu ${number} của quý khách đã được xử lý ${mark}.`, attachments);
  return { ...opened, mark, files };
}

async function settle(owed: Owed, agent: Client): Promise<Outcome> {
  const { customer, expected, ticket } = owed;
  await arrives(`the answer to ${customer.label}`, async () => (await received(owed)).length > 0 || undefined);
  const settled = await arrives(`ticketing to know that the answer to ${customer.label} has left`, async () => {
    const now = await agent.ticket(ticket.number);
    return settledAnswer(now) === undefined ? undefined : now;
  });
  const fallback = fallbackOf(settled);
  if (customer.channel !== expected.channel && fallback === undefined) {
    throw new PlatformError(
      `${customer.label} was answered by ${expected.channel}, and the timeline does not say why.`,
    );
  }
  await assertOnce(owed);
  const state = settledAnswer(settled)?.delivery?.state ?? '';
  return { label: customer.label, ticket: settled, answered: expected, state, fallback };
}

function received({ customer, mark }: Owed) {
  return customer.received(mark);
}

async function assertOnce(owed: Owed): Promise<void> {
  const fault = faultOf(owed.expected, await received(owed), owed.ticket.number);
  if (fault !== undefined) throw new PlatformError(`${owed.customer.label}: ${fault}.`);
}

/** As a mail program does it: to the Reply-To, with the whole chain of references and the answer quoted. It must join the ticket. */
async function thank(mailbox: CustomerMailbox, agent: Client, owed: Owed | undefined): Promise<void> {
  const mail = owed === undefined ? undefined : await mailbox.find(owed.mark);
  if (owed === undefined || mail === undefined) throw new PlatformError('the answer to the mail is gone');
  assertThreading(mail, owed.expected.inReplyTo ?? '');
  await assertFiles(mail, owed.files);
  const thanks = `Cảm ơn, đường truyền đã hoạt động trở lại ${owed.mark}.`;
  await mailbox.send(replyTo(mail, thanks));
  await arrives(`the customer's reply on ticket ${owed.ticket.number}`, async () =>
    hasInbound(await agent.ticket(owed.ticket.number), thanks),
  );
}

function assertThreading(mail: ParsedMail, messageId: string): void {
  const references = [mail.references ?? []].flat();
  if (mail.inReplyTo === messageId && references.includes(messageId)) return;
  throw new PlatformError(
    `The answer came, but is not threaded to ${messageId}: In-Reply-To ${mail.inReplyTo ?? 'missing'}, References ${references.join(' ') || 'missing'}.`,
  );
}

async function assertFiles({ attachments }: ParsedMail, files: readonly File[]): Promise<void> {
  const sent = await Promise.all(files.map(async (file) => ({ file, bytes: Buffer.from(await file.arrayBuffer()) })));
  const same = ({ file, bytes }: (typeof sent)[number], index: number) =>
    attachments[index]?.filename === file.name && attachments[index].content.equals(bytes);
  if (attachments.length === files.length && sent.every(same)) return;
  const got = attachments.map(({ filename, size }) => `${filename ?? 'a file without a name'} (${size} bytes)`);
  throw new PlatformError(
    `The answer by mail should carry what the agent attached; it carries ${got.join(', ') || 'nothing'}.`,
  );
}

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

async function untilReported(analyst: Client, before: ReportCounts): Promise<ReportCounts> {
  let after = before;
  const options = { what: 'the report', timeoutMs: patienceMs, everyMs: 250 };
  const isComplete = async () => {
    after = countsOf(await analyst.report(reportedMetrics));
    return shortfalls(before, after).length === 0;
  };
  await until(isComplete, options).catch(() => {
    throw new PlatformError(`The report does not count all of it: ${shortfalls(before, after).join('; ')}.`);
  });
  return after;
}

async function untilSettled(analyst: Client, from: number, events: number): Promise<Ledger> {
  let ledger: Ledger = { settled: false, sources: [] };
  const isSettled = async () => {
    ledger = await analyst.ledger(from);
    return unsettled(ledger, events) === undefined;
  };
  await until(isSettled, { what: 'the ledger', timeoutMs: patienceMs, everyMs: 500 }).catch(() => {
    throw new PlatformError(`The ledger is not settled: ${unsettled(ledger, events)}.`);
  });
  return ledger;
}
