import { fieldAt } from '../json-fields.js';

/** A file of a message, as Twilio's list of its media names it. */
export interface ListedMedia {
  readonly url: string;
  readonly mediaType: string;
}

/**
 * What Twilio's webhook would have said of a message on its list, as a form. Fields of the list: twilio.com/docs/messaging/api/message-resource#message-properties;
 * of the webhook: twilio.com/docs/messaging/guides/webhook-request (2026-11-23). `DateSent` is ours: the webhook came with the message.
 */
export function messageForm(message: unknown, media: readonly ListedMedia[]): Buffer {
  const sid = fieldAt(message, 'sid');
  const service = fieldAt(message, 'messaging_service_sid');
  const sentAt = timeOfMessage(message);
  return formOf({
    ...{ MessageSid: sid, SmsSid: sid, SmsMessageSid: sid, AccountSid: fieldAt(message, 'account_sid') },
    ...(service === '' ? {} : { MessagingServiceSid: service }),
    ...{ From: fieldAt(message, 'from'), To: fieldAt(message, 'to'), Body: fieldAt(message, 'body') },
    ...{ NumSegments: fieldAt(message, 'num_segments'), NumMedia: String(media.length) },
    ...Object.fromEntries(
      media.flatMap(({ url, mediaType }, index) => [
        [`MediaUrl${index}`, url],
        [`MediaContentType${index}`, mediaType],
      ]),
    ),
    ApiVersion: fieldAt(message, 'api_version'),
    ...(sentAt === undefined ? {} : { DateSent: new Date(sentAt).toISOString() }),
  });
}

/**
 * What the status callback would have said of a call on the list. Fields of the list: twilio.com/docs/voice/api/call-resource#call-properties; of the
 * callback: …#statuscallback (2026-11-23). A recording is named by the callback alone.
 */
export function callForm(call: unknown): Buffer {
  const endedAt = timeOfCall(call);
  return formOf({
    ...{ CallSid: fieldAt(call, 'sid'), AccountSid: fieldAt(call, 'account_sid'), CallStatus: fieldAt(call, 'status') },
    ...{ From: fieldAt(call, 'from'), To: fieldAt(call, 'to'), Direction: fieldAt(call, 'direction') },
    CallDuration: fieldAt(call, 'duration') || '0',
    ...(endedAt === undefined ? {} : { Timestamp: new Date(endedAt).toUTCString() }),
    ApiVersion: fieldAt(call, 'api_version'),
  });
}

/** When it was sent, in milliseconds since 1970; of an incoming message that is when Twilio had it. */
export function timeOfMessage(message: unknown): number | undefined {
  return timeAt(message, 'date_sent') ?? timeAt(message, 'date_created');
}

/** When it ended; undefined while it has not. */
export function timeOfCall(call: unknown): number | undefined {
  return timeAt(call, 'end_time');
}

/** RFC 2822, in UTC. */
function timeAt(of: unknown, field: string): number | undefined {
  const time = Date.parse(fieldAt(of, field));
  return Number.isNaN(time) ? undefined : time;
}

function formOf(fields: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(new URLSearchParams(fields).toString());
}
