import type { Received } from '#testing';
import type { Ticket } from './api.js';

/** What the customer must have got, and where. */
export interface Expected {
  /** The channel that the answer leaves by. */
  readonly channel: string;
  readonly to: string;
  /** The message that it must be shown below, where the channel knows that. */
  readonly inReplyTo?: string;
}

/** What is wrong with what the far side has received of one answer; undefined: exactly it, once. */
export function faultOf(
  expected: Expected,
  received: readonly Received[],
  number: Ticket['number'],
): string | undefined {
  const [answer, ...more] = received;
  if (answer === undefined) return 'the answer has not come';
  if (more.length > 0) return `the answer came ${received.length} times`;
  if (answer.to !== expected.to) return `the answer went to ${answer.to} instead of ${expected.to}`;
  if (!answer.text.includes(number)) return `the answer does not name ${number}`;
  if (expected.inReplyTo === undefined || answer.inReplyTo === expected.inReplyTo) return undefined;
  return `the answer refers to ${answer.inReplyTo ?? 'nothing'} instead of ${expected.inReplyTo}`;
}

const settledStates: ReadonlySet<string> = new Set(['sent', 'delivered', 'read']);

/** The one answer of an agent on a ticket, once it has left; undefined while it is on its way. */
export function settledAnswer({ messages }: Ticket): Ticket['messages'][number] | undefined {
  return messages.find(
    ({ direction, automatic, delivery }) =>
      direction === 'outbound' && !automatic && settledStates.has(delivery?.state ?? ''),
  );
}

/** Why the answer left by another channel than the customer's, as the timeline says. */
export function fallbackOf({ timeline }: Ticket): { readonly channel: string; readonly reason: string } | undefined {
  for (const { type, details } of timeline) {
    const { channel, fallback } = details;
    if (type === 'reply_requested' && typeof fallback === 'string')
      return { channel: String(channel), reason: fallback };
  }
  return undefined;
}
