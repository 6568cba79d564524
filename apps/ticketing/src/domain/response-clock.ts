import type { ResponseClock, TicketSnapshot } from '#contracts';
import { type Actor, system, type TicketChange } from './ticket-change.js';
import { secondsBetween } from './ticket.js';

/** A message as the response clocks see it. Automatic ones are not among them, nor are answers that are not out. */
export interface ClockEntry {
  readonly messageId: string;
  readonly side: 'customer' | 'answer';
  readonly at: Date;
  /** Set when the answer went out through us. */
  readonly replyId?: string;
  /** Who answered, where that is known. */
  readonly agentId?: string;
}

/** A wait that a person's answer ended. */
export interface Response {
  readonly clock: ResponseClock;
  readonly since: Date;
  readonly answer: ClockEntry;
}

/** A response that was counted: the fact stands until it is retracted. */
export interface StandingResponse {
  readonly factId: string;
  readonly clock: ResponseClock;
  readonly messageId: string;
  readonly since: Date;
  readonly at: Date;
  readonly waitSeconds: number;
  readonly snapshot: TicketSnapshot;
}

/**
 * The waits and their ends, whatever the order of arrival was. The first customer message starts the first clock, the
 * first answer behind it ends that; each later customer message that finds nobody waiting starts a next one.
 */
export function responsesOf(entries: readonly ClockEntry[]): Response[] {
  const ordered = [...entries].sort(
    (a, b) => a.at.getTime() - b.at.getTime() || (a.side === b.side ? 0 : a.side === 'customer' ? -1 : 1),
  );
  const responses: Response[] = [];
  let since: Date | undefined;
  for (const entry of ordered) {
    if (entry.side === 'customer') {
      since ??= entry.at;
    } else if (since !== undefined) {
      const clock = responses.length === 0 ? 'first' : 'next';
      responses.push({ clock, since, answer: entry });
      since = undefined;
    }
  }
  return responses;
}

function isSame(a: StandingResponse, b: Response): boolean {
  return (
    a.clock === b.clock &&
    a.messageId === b.answer.messageId &&
    a.since.getTime() === b.since.getTime() &&
    a.at.getTime() === b.answer.at.getTime()
  );
}

/** Takes back what no longer holds, records what newly does, and returns what stands now. */
export function settleResponses(
  change: TicketChange,
  standing: readonly StandingResponse[],
  entries: readonly ClockEntry[],
  now: Date,
): StandingResponse[] {
  const wanted = responsesOf(entries);
  const kept = standing.filter((old) => wanted.some((response) => isSame(old, response)));
  for (const old of standing) if (!kept.includes(old)) retractResponse(change, old, now);
  const fresh = wanted.filter((response) => !standing.some((old) => isSame(old, response)));
  return [...kept, ...fresh.map((response) => recordResponse(change, response))];
}

export function retractResponse(change: TicketChange, old: StandingResponse, now: Date): void {
  change.record('response_retracted', now, system, {
    clock: old.clock,
    retracts: old.factId,
    retractedAt: old.at.toISOString(),
    waitSeconds: old.waitSeconds,
    retractedSnapshot: old.snapshot,
  });
}

function recordResponse(change: TicketChange, { clock, since, answer }: Response): StandingResponse {
  const { messageId, replyId, agentId, at } = answer;
  const waitSeconds = secondsBetween(since, at);
  const actor: Actor = { kind: 'agent', ...(agentId === undefined ? {} : { id: agentId }) };
  const fact = change.record('responded', at, actor, {
    clock,
    waitSeconds,
    messageId,
    ...(replyId === undefined ? {} : { replyId }),
  });
  return { factId: fact.id, clock, messageId, since, at, waitSeconds, snapshot: fact.snapshot };
}
