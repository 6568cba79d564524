import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Report } from '../../bench/harness/report.js';
import { receivedAt } from './far-side.js';
import type { Observed } from './observed.js';

interface AnsweringDeskOptions {
  readonly ticketingUrl: string;
  readonly token: string;
  readonly perSecond: number;
}

interface Given {
  readonly id: string;
  /** Words that only this answer holds. */
  readonly mark: string;
}

/** So many answer at once. */
const agents = 4;

/** Agents who answer tickets at random, insisting until the API has said yes. */
export class AnsweringDesk {
  readonly given: Given[] = [];
  /** Answers by status code, other than yes. */
  readonly refusals = new Map<number, number>();
  private running = true;
  private readonly loop: Promise<void>;

  constructor(private readonly options: AnsweringDeskOptions) {
    this.loop = this.work();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.loop;
  }

  private async work(): Promise<void> {
    while (this.running) {
      await delay((agents * 1_000) / this.options.perSecond);
      const listed = await this.ask('tickets?limit=200', 'GET', {});
      const { items } = (listed ?? { items: [] }) as { items: readonly { readonly number: string }[] };
      const anybody = () => items[Math.floor(Math.random() * items.length)]?.number;
      const chosen = new Set(Array.from({ length: agents }, anybody).filter((number) => number !== undefined));
      await Promise.all([...chosen].map((number) => this.answer(number)));
    }
  }

  private async answer(number: string): Promise<void> {
    const mark = `[${randomUUID()}]`;
    const headers = { 'idempotency-key': randomUUID(), 'content-type': 'application/json' };
    for (;;) {
      const said = await this.ask(`tickets/${number}/replies`, 'POST', headers, { text: `Đã xử lý xong ${mark}` });
      if (said !== undefined) {
        this.given.push({ id: (said as { id: string }).id, mark });
        return;
      }
      await delay(500);
    }
  }

  /** The body of a yes; undefined when there was none, for whatever reason. */
  private async ask(path: string, method: string, headers: Record<string, string>, body?: object): Promise<unknown> {
    const init = {
      method,
      headers: { authorization: `Bearer ${this.options.token}`, ...headers },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    };
    try {
      const response = await fetch(`${this.options.ticketingUrl}/api/v1/${path}`, init);
      const answer: unknown = await response.json();
      if (response.ok) return answer;
      this.refusals.set(response.status, (this.refusals.get(response.status) ?? 0) + 1);
    } catch {
      // Ticketing has just been killed: the agent presses the button again.
      this.refusals.set(0, (this.refusals.get(0) ?? 0) + 1);
    }
    return undefined;
  }
}

/** What became of an answer as ticketing says, beside how often the far side has it. */
interface Answered {
  readonly state: string;
  readonly copies: number;
}

const decided: ReadonlySet<string> = new Set(['sent', 'delivered', 'read', 'uncertain', 'failed']);

/** Waits until it is known of every answer what became of it, or a while has passed, then looks into the far sides' books. */
export async function answersAtTheirEnd(
  world: Observed,
  given: readonly Given[],
  simulators: readonly string[],
): Promise<Answered[]> {
  const states = new Map<string, string>();
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await delay(500)) {
    const rows = await world.sql<{ id: string; state: string }>(
      'select id, state from ticketing.messages where id = any($1::uuid[])',
      [given.map(({ id }) => id)],
    );
    for (const { id, state } of rows) states.set(id, state);
    if (given.every(({ id }) => decided.has(states.get(id) ?? ''))) break;
  }
  const copies = new Map<string, number>();
  for (const { text } of await receivedAt(simulators)) {
    const mark = /\[[0-9a-f-]{36}\]/.exec(text)?.[0] ?? '';
    copies.set(mark, (copies.get(mark) ?? 0) + 1);
  }
  return given.map(({ id, mark }) => ({ state: states.get(id) ?? 'unknown', copies: copies.get(mark) ?? 0 }));
}

const arrived: ReadonlySet<string> = new Set(['sent', 'delivered', 'read']);

/** No customer has an answer twice, and what is said of each is true. */
export function judgeAnswers(report: Report, answers: readonly Answered[]): void {
  const count = (is: (answer: Answered) => boolean) => answers.filter(is).length;
  report.figure('answers that agents gave', answers.length);
  report.atLeast(
    'answers that the far side has',
    answers.length / 2,
    count(({ copies }) => copies === 1),
  );
  report.equals(
    'answers that a customer has twice',
    0,
    count(({ copies }) => copies > 1),
  );
  report.equals(
    'answers that are sent and lie with nobody',
    0,
    count(({ state, copies }) => arrived.has(state) && copies === 0),
  );
  report.equals(
    'answers that failed and lie with somebody',
    0,
    count(({ state, copies }) => state === 'failed' && copies > 0),
  );
  const uncertain = answers.filter(({ state }) => state === 'uncertain');
  report.figure('uncertain after a kill: came to the customer', uncertain.filter(({ copies }) => copies > 0).length);
  report.figure('uncertain after a kill: did not', uncertain.filter(({ copies }) => copies === 0).length);
  report.equals(
    'answers of which nothing is known',
    0,
    count(({ state }) => !arrived.has(state) && !['uncertain', 'failed'].includes(state)),
  );
}
