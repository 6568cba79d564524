import {
  type Call,
  type CallDirection,
  type CallOutcome,
  cleanText,
  cutToBytes,
  feedbackEventId,
  uuidV5,
} from '#contracts';
import { clampTime, keyOf, type PhoneContext, type Read } from './context.js';
import { e164Of } from './number.js';

/** A call that is over, as its source states it. */
export interface EndedCall {
  /** The exchange's own id; without one the call is known by its numbers, start and length. */
  readonly callId?: string;
  readonly direction: CallDirection;
  readonly from: string;
  readonly to: string;
  readonly startedAt?: string;
  readonly answeredAt?: string;
  readonly durationSeconds: number;
  readonly outcome: CallOutcome;
  readonly agent?: string;
  readonly recordingRef?: string;
  readonly note?: string;
  /** Signed by an exchange, as opposed to typed in. */
  readonly verified: boolean;
}

const longestCallSeconds = 7 * 86_400;
const asWritten = (number: string) => cutToBytes(cleanText(number), 64).text;

/** One event per call. The customer is the far end: who calls us, or whom we call. */
export function readCall(ended: EndedCall, context: PhoneContext): Read {
  const { direction, durationSeconds, outcome } = ended;
  if (!Number.isSafeInteger(durationSeconds) || durationSeconds < 0 || durationSeconds > longestCallSeconds)
    return { kind: 'unreadable', detail: 'the duration is no number of seconds' };
  const started = clampTime(ended.startedAt, context.receivedAt);
  const numbers = { from: e164Of(ended.from), to: e164Of(ended.to) };
  const from = numbers.from ?? asWritten(ended.from);
  const to = numbers.to ?? asWritten(ended.to);
  const messageId =
    ended.callId === undefined || ended.callId === ''
      ? uuidV5('call', from, to, started.at, String(durationSeconds))
      : cleanText(ended.callId).slice(0, 200);
  const id = feedbackEventId({ channel: 'phone', account: context.account, messageId });
  const number = direction === 'inbound' ? numbers.from : numbers.to;
  const note = ended.note === undefined ? undefined : cutToBytes(cleanText(ended.note), 8 * 1024).text;
  const answered = ended.answeredAt === undefined ? undefined : clampTime(ended.answeredAt, context.receivedAt);
  const call: Call = {
    direction,
    ...(from === '' ? {} : { from }),
    to,
    startedAt: started.at,
    ...(answered === undefined || answered.clamped ? {} : { answeredAt: answered.at }),
    durationSeconds,
    outcome,
    ...(ended.agent === undefined ? {} : { agent: cleanText(ended.agent).slice(0, 200) }),
    ...(ended.recordingRef === undefined ? {} : { recordingRef: cleanText(ended.recordingRef).slice(0, 1000) }),
    ...(note === undefined ? {} : { note }),
  };
  const missed = direction === 'inbound' && outcome !== 'answered';
  return {
    kind: 'event',
    event: {
      id,
      channel: 'phone',
      kind: 'call',
      account: context.account,
      provider: { name: context.provider, messageId, receivedVia: context.receivedVia },
      conversationKey: keyOf(context, number, id),
      occurredAt: started.at,
      receivedAt: context.receivedAt.toISOString(),
      author: {
        verified: ended.verified && number !== undefined,
        ...(number === undefined ? {} : { identity: { kind: 'phone', value: number } }),
      },
      recipients: [],
      thread: { references: [], hints: [] },
      text: note ?? '',
      attachments: [],
      call,
      signals: {
        autoReply: 'none',
        flags: [...(missed ? ['missed_call'] : []), ...(started.clamped ? ['time_clamped'] : [])],
      },
    },
  };
}
