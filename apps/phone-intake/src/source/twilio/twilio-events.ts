import type { CallOutcome } from '#contracts';
import { readCall } from '../../normalize/call.js';
import type { PhoneContext, Read } from '../../normalize/context.js';
import { readSms } from '../../normalize/sms.js';
import { formParameters } from './twilio-signature.js';

const maxMedia = 10;

/** Incoming messages. Fields: twilio.com/docs/messaging/guides/webhook-request, 2026-11-22. */
export function readTwilioSms(bytes: Buffer, context: PhoneContext): Read {
  const field = fieldsOf(bytes);
  const count = Math.min(Number(field('NumMedia')) || 0, maxMedia);
  const media = Array.from({ length: count }, (_, index) => ({
    url: field(`MediaUrl${index}`),
    mediaType: field(`MediaContentType${index}`).slice(0, 255),
  }));
  const from = field('From');
  if (from === '') return { kind: 'unreadable', detail: 'the message names no sender' };
  const messageId = field('MessageSid') || field('SmsSid');
  // Webhooks come with the message and state no time; what we read off Twilio's list has its own (listed.ts).
  return readSms({ messageId, from, to: field('To'), text: field('Body'), at: field('DateSent'), media }, context);
}

const outcomes: Readonly<Record<string, CallOutcome>> = {
  completed: 'answered',
  busy: 'busy',
  failed: 'failed',
  'no-answer': 'missed',
  canceled: 'missed',
};
const notOver = new Set(['queued', 'initiated', 'ringing', 'in-progress']);

/** Status of calls. Fields: twilio.com/docs/voice/api/call-resource#statuscallback, 2026-11-22. */
export function readTwilioCall(bytes: Buffer, context: PhoneContext): Read {
  const field = fieldsOf(bytes);
  const status = field('CallStatus');
  if (notOver.has(status)) return { kind: 'nothing' };
  const outcome = Object.hasOwn(outcomes, status) ? outcomes[status] : undefined;
  const callId = field('CallSid');
  if (outcome === undefined || callId === '')
    return { kind: 'unreadable', detail: 'the status of the call is unknown' };
  const durationSeconds = Number(field('CallDuration') || 0);
  const direction = field('Direction') === 'inbound' ? 'inbound' : 'outbound';
  const recordingRef = field('RecordingUrl');
  return readCall(
    {
      callId,
      direction,
      from: field('From'),
      to: field('To'),
      startedAt: startOf(field('Timestamp'), durationSeconds),
      durationSeconds,
      outcome,
      ...(recordingRef === '' ? {} : { recordingRef }),
      verified: true,
    },
    context,
  );
}

/** `Timestamp` says when the callback was made, i.e. when the call ended. */
function startOf(timestamp: string, durationSeconds: number): string {
  const ended = Date.parse(timestamp);
  return Number.isNaN(ended) ? '' : new Date(ended - durationSeconds * 1000).toISOString();
}

function fieldsOf(bytes: Buffer): (name: string) => string {
  const parameters = formParameters(bytes);
  return (name) => {
    const value = parameters[name];
    return (Array.isArray(value) ? value[0] : value) ?? '';
  };
}
