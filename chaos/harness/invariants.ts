import { setTimeout as delay } from 'node:timers/promises';
import type { Report } from '../../bench/harness/report.js';
import { readFacts } from './facts-on-the-log.js';
import type { Observed } from './observed.js';
import { askReport } from './reports.js';

export interface Owed {
  /** Event ids that the form answered with 202. */
  readonly forms?: readonly string[];
  /** Message-IDs that the mail server took. */
  readonly mails?: readonly string[];
  /** What was said in webhooks that were taken; each said once. */
  readonly words?: readonly string[];
  /** Event ids of calls that were taken out of a file. */
  readonly calls?: readonly string[];
  /** Dead letters that the run meant to make. */
  readonly deadLetters?: number;
}

/** As long as something arrives it is late, not lost. */
const standstillMs = 60_000;

/** An event is a message, or noted as another telling of one. */
async function missingEvents(world: Observed, ids: readonly string[]): Promise<number> {
  const [row] = await world.sql<{ missing: string }>(
    `select count(*) as missing from unnest($1::uuid[]) as owed (id)
      where not exists (select from ticketing.messages m where m.id = owed.id)
        and owed.id not in (select (copy ->> 'eventId')::uuid from ticketing.messages, jsonb_array_elements(copies) as copy)`,
    [ids],
  );
  return Number(row?.missing);
}

/** How many of these Message-IDs are on no ticket. */
export async function missingMails(world: Observed, ids: readonly string[]): Promise<number> {
  const [row] = await world.sql<{ missing: string }>(
    `select count(*) as missing from unnest($1::text[]) as owed (id)
      where not exists (select from ticketing.messages m where m.provider_message_id = owed.id and m.direction = 'inbound')`,
    [ids],
  );
  return Number(row?.missing);
}

/** What a webhook said, as a ticket shows it: calls have an id and no words. */
const shownWords = `select case when channel = 'phone' then provider_message_id else text end as word
  from ticketing.messages where direction = 'inbound' and channel not in ('web_form', 'email')`;

async function missingWords(world: Observed, words: readonly string[]): Promise<number> {
  const [row] = await world.sql<{ missing: string }>(
    `select count(*) as missing from (select unnest($1::text[]) except ${shownWords}) missing`,
    [words],
  );
  return Number(row?.missing);
}

/** Waits until what is owed has arrived, or until nothing has moved for a while; returns how much is missing. */
async function drained(world: Observed, owed: Owed): Promise<number> {
  let deadline = Date.now() + standstillMs;
  for (let before = Infinity; ; ) {
    const askedAt = performance.now();
    const missing =
      (await missingEvents(world, [...(owed.forms ?? []), ...(owed.calls ?? [])])) +
      (await missingMails(world, owed.mails ?? [])) +
      (await missingWords(world, owed.words ?? []));
    if (missing === 0 || Date.now() > deadline) return missing;
    if (missing < before) deadline = Date.now() + standstillMs;
    before = missing;
    // A question about a hundred thousand must not become the load itself.
    await delay(Math.max(250, (performance.now() - askedAt) * 5));
  }
}

/** Rows that a person would see twice, tickets that a feedback opened twice, and answers that were sent twice. */
async function doubled(
  world: Observed,
): Promise<{ messages: number; words: number; tickets: number; answers: number }> {
  const [row] = await world.sql<{ messages: string; words: string; tickets: string; answers: string }>(`
    select
      (select coalesce(sum(n - 1), 0) from (select count(*) as n from ticketing.messages
        where direction = 'inbound' or kind = 'call' group by channel, account, provider_message_id) seen) as messages,
      (select count(*) - count(distinct word) from (${shownWords}) shown) as words,
      (select count(*) from ticketing.tickets where channel = 'web_form')
        - (select count(*) from ticketing.messages where channel = 'web_form' and direction = 'inbound') as tickets,
      (select coalesce(sum(n - 1), 0) from (select count(*) as n from ticketing.messages
        where automatic and direction = 'outbound' group by ticket_id) acknowledged) as answers`);
  return {
    messages: Number(row?.messages),
    words: Number(row?.words),
    tickets: Math.max(0, Number(row?.tickets)),
    answers: Number(row?.answers),
  };
}

interface Counts extends Record<string, number> {
  feedback_count: number;
  tickets_opened: number;
}

/** Calls count whoever made them; what was told twice is two events, seen once. */
async function recount(world: Observed): Promise<Counts> {
  const [row] = await world.sql<{ feedback: string; tickets: string }>(`
    select (select count(*) + coalesce(sum(jsonb_array_length(copies)), 0) from ticketing.messages
             where direction = 'inbound' or kind = 'call') as feedback,
           (select count(*) from ticketing.tickets) as tickets`);
  return { feedback_count: Number(row?.feedback), tickets_opened: Number(row?.tickets) };
}

async function reported(world: Observed, token: string): Promise<Counts> {
  const { totals } = await askReport<Counts>(world, token, { metrics: 'feedback_count,tickets_opened' });
  return { feedback_count: totals.feedback_count, tickets_opened: totals.tickets_opened };
}

/** Asks until the report equals the recount, since it follows behind; returns the last two answers. */
async function compareReports(world: Observed): Promise<{ report: string; recount: string }> {
  const token = await world.token('analyst');
  const deadline = Date.now() + 60_000;
  for (;;) {
    const counted = JSON.stringify(await recount(world));
    const report = JSON.stringify(await reported(world, token));
    if (report === counted || Date.now() > deadline) return { report, recount: counted };
    await delay(500);
  }
}

/** Fault, drain, compare: LOST, DUP, ORDER, reports, dead letters. Source: docs/architecture.md, "Invariants". */
export async function checkInvariants(world: Observed, report: Report, owed: Owed): Promise<void> {
  const startedAt = performance.now();
  report.figure('forms acknowledged', owed.forms?.length ?? 0);
  report.figure('mails taken by the mail server', owed.mails?.length ?? 0);
  if (owed.calls !== undefined) report.figure('calls of a file that were taken', owed.calls.length);
  if (owed.words !== undefined) report.figure('words of webhooks that were taken', owed.words.length);
  report.equals('LOST: acknowledged and not stored', 0, await drained(world, owed));
  report.figure('drained after', (performance.now() - startedAt) / 1000, 's');
  const twice = await doubled(world);
  report.equals('DUP: messages shown twice', 0, twice.messages);
  report.equals('DUP: words of webhooks shown twice', 0, twice.words);
  report.equals('DUP: tickets opened twice', 0, twice.tickets);
  report.equals('DUP: acknowledgements asked for twice', 0, twice.answers);
  const facts = await readFacts(world.brokers);
  report.equals('ORDER: gaps and steps back in the facts of a ticket', 0, facts.violations);
  report.figure('repeated facts on the log (normal after a kill)', facts.repeated);
  report.equals('dead letters', owed.deadLetters ?? 0, facts.deadLetters);
  if (world.reportingUrl !== undefined) {
    const { report: shown, recount: counted } = await compareReports(world);
    report.equals('report equals the recount', counted, shown);
  }
}
