import type { Call, FeedbackReceived, ReceivedVia } from '#contracts';
import { isFresh } from './fresh.js';

/** A call as it is stored: `via` tells the exchange's word from that of a file. */
export interface StoredCall extends Call {
  readonly via: ReceivedVia;
}

/** A call that is known already, with the message that tells of it. */
export interface KnownCall {
  readonly messageId: string;
  readonly call: StoredCall;
}

/** How far apart the starts of one call may be told. */
export const startsWithinSeconds = 5;
const lengthWithinSeconds = 2;

export function storedCall(event: FeedbackReceived): StoredCall | null {
  return event.call === undefined ? null : { ...event.call, via: event.provider.receivedVia };
}

const startOf = (call: Call) => Date.parse(call.startedAt);

/** One call, told twice in different ways: an exchange's own repetitions have one id, and who redials at once has called twice. */
function isSameCall(a: StoredCall, b: StoredCall): boolean {
  return (
    a.via !== b.via &&
    a.from === b.from &&
    a.to === b.to &&
    Math.abs(startOf(a) - startOf(b)) <= startsWithinSeconds * 1000 &&
    Math.abs(a.durationSeconds - b.durationSeconds) <= lengthWithinSeconds
  );
}

/** The call that this one repeats: of several the one that began closest to it. */
export function findSameCall(call: StoredCall, known: readonly KnownCall[]): KnownCall | undefined {
  const distance = (other: KnownCall) => Math.abs(startOf(other.call) - startOf(call));
  return known.filter((other) => isSameCall(call, other.call)).sort((a, b) => distance(a) - distance(b))[0];
}

interface CallEnd {
  readonly isOurs: boolean;
  readonly answered: boolean;
}

/** Of calls by telephone, and of those that a network tells of in its fields; nothing is known of an erased one. */
export function callEndOf({ kind, call, fields }: FeedbackReceived): CallEnd | undefined {
  if (kind !== 'call') return undefined;
  const direction = call?.direction ?? fields?.['call_direction'];
  const outcome = call?.outcome ?? fields?.['call_outcome'];
  return outcome === undefined ? undefined : { isOurs: direction === 'outbound', answered: outcome === 'answered' };
}

/** A customer called and nobody took it. */
export function isMissed(event: FeedbackReceived): boolean {
  const end = callEndOf(event);
  return end !== undefined && !end.isOurs && !end.answered;
}

/** Out of a file: history, that changes nothing which stands today. What was erased of it stays a call. */
export function isImportedCall({ kind, provider }: FeedbackReceived): boolean {
  return kind === 'call' && provider.receivedVia === 'import';
}

/** Calls that nobody has to do anything about: all that a file tells of, what we tried in vain ourselves, and missed ones that come too late. */
export function isForTheRecord(event: FeedbackReceived, now: Date): boolean {
  if (isImportedCall(event)) return true;
  const end = callEndOf(event);
  if (end === undefined || end.answered) return false;
  // Who writes a missed call down by hand wants it to be returned.
  return end.isOurs || !(isFresh(event, now) || event.provider.receivedVia === 'api');
}
