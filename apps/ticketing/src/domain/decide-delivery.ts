import {
  type Channel,
  type DeliveryState,
  deliveryStates,
  deliveryTransitions,
  type DropReason,
  type ReplyDelivery,
} from '#contracts';
import { stateOfFailure } from './reachability.js';
import type { TicketWork } from './ticket-work.js';

/** A stored reply as far as a delivery concerns it. */
export interface ReplyState {
  readonly id: string;
  ticketId: string;
  readonly automatic: boolean;
  readonly agentId: string | null;
  /** Whom it went to, and by what. */
  readonly identityId: string | null;
  readonly channel: Channel;
  state: DeliveryState;
  attempt: number;
  answeredAt: Date | null;
}

export type DeliveryDecision = { readonly kind: 'ok' } | { readonly kind: 'drop'; readonly reason: DropReason };

/** Which states lie ahead of which, over any number of steps: deliveries may come late, and steps may be missing. */
const ahead: ReadonlyMap<DeliveryState, ReadonlySet<DeliveryState>> = new Map(
  deliveryStates.map((from) => [from, reachable(from)]),
);

function reachable(from: DeliveryState): Set<DeliveryState> {
  const seen = new Set<DeliveryState>();
  const open: DeliveryState[] = [from];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const to of deliveryTransitions[next]) {
      if (seen.has(to)) continue;
      seen.add(to);
      open.push(to);
    }
  }
  return seen;
}

function isOut(state: DeliveryState): boolean {
  return state === 'sent' || state === 'delivered' || state === 'read';
}

function isNews(reply: ReplyState, delivery: ReplyDelivery): boolean {
  if (delivery.attempt < reply.attempt) return false;
  return delivery.state !== reply.state && ahead.get(reply.state)?.has(delivery.state) === true;
}

/** What became of a reply: its state, and the response clocks that an answer of a person ends or, when it bounces, does not. */
export function decideDelivery(
  delivery: ReplyDelivery,
  reply: ReplyState | undefined,
  work: TicketWork,
): DeliveryDecision {
  const change = reply === undefined ? undefined : work.follow(reply.ticketId);
  if (reply === undefined || change === undefined) return { kind: 'drop', reason: 'unknown_ticket' };
  if (!isNews(reply, delivery)) return { kind: 'drop', reason: 'late_state' };
  const at = new Date(delivery.at);
  const from = reply.state;
  reply.state = delivery.state;
  reply.attempt = delivery.attempt;
  settleAnswer(reply, change.ticket.id, at, work);
  noteRecipient(delivery, reply, at, work);
  work.progress.set(reply.id, {
    messageId: reply.id,
    state: delivery.state,
    stateAt: at,
    attempt: delivery.attempt,
    errorCode: delivery.error?.code ?? null,
    errorDetail: delivery.error?.detail ?? null,
    providerMessageId: delivery.providerMessageId ?? work.progress.get(reply.id)?.providerMessageId ?? null,
    answeredAt: reply.answeredAt,
  });
  change.record(
    'reply_state_changed',
    at,
    { kind: 'system' },
    {
      replyId: reply.id,
      from,
      state: delivery.state,
      automatic: reply.automatic,
      ...(delivery.error === undefined ? {} : { errorCode: delivery.error.code }),
    },
  );
  work.settleClocks(change);
  return { kind: 'ok' };
}

/** So that the next answer takes another way. */
function noteRecipient({ state, error }: ReplyDelivery, reply: ReplyState, at: Date, work: TicketWork): void {
  const learnt = state === 'failed' ? stateOfFailure(error?.code) : undefined;
  if (learnt === undefined || reply.identityId === null) return;
  work.reachability.push({ identityId: reply.identityId, channel: reply.channel, state: learnt, at });
}

/** An answer counts from when it is out; a bounce takes it back. */
function settleAnswer(reply: ReplyState, ticketId: string, at: Date, work: TicketWork): void {
  if (reply.automatic) return;
  if (isOut(reply.state) && reply.answeredAt === null) {
    reply.answeredAt = at;
    work.addEntry(ticketId, {
      messageId: reply.id,
      side: 'answer',
      at,
      replyId: reply.id,
      ...(reply.agentId === null ? {} : { agentId: reply.agentId }),
    });
  } else if (reply.state === 'failed' && reply.answeredAt !== null) {
    reply.answeredAt = null;
    work.removeEntry(ticketId, reply.id);
  }
}
