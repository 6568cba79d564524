import type { DocumentedPayload } from './networks/documented.js';

const accountSid = 'ACXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX';
const messageSid = 'SMXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX';
const ends = { From: '+14155552671', To: '+15005550006' };
const places = {
  ...{ FromCity: 'SAN FRANCISCO', FromState: 'CA', FromZip: '94105', FromCountry: 'US' },
  ...{ ToCity: '', ToState: 'CA', ToZip: '', ToCountry: 'US' },
};

/**
 * The parameters that Twilio's pages list, as requests carry them (members compared with requests recorded in
 * github.com/nyaruka/courier, handlers/twiml; 2026-11-23). The pages show no values: numbers are of the range for examples.
 */
export const documentedTwilio = {
  incoming: {
    what: 'an incoming SMS',
    source: 'https://www.twilio.com/docs/messaging/guides/webhook-request (2026-11-23)',
    payload: {
      ...places,
      ...ends,
      ...{ SmsMessageSid: messageSid, SmsSid: messageSid, MessageSid: messageSid, AccountSid: accountSid },
      ...{ SmsStatus: 'received', Body: 'Hi there', NumMedia: '0', NumSegments: '1', ApiVersion: '2010-04-01' },
    },
  },
  messageStatus: {
    what: 'the status of a message of ours',
    source:
      'https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks, …/guides/track-outbound-message-status (2026-11-23)',
    payload: {
      ...{ MessageStatus: 'delivered', SmsStatus: 'delivered', SmsSid: messageSid, MessageSid: messageSid },
      ...{ AccountSid: accountSid, From: '+15005550006', To: '+14155552671', ApiVersion: '2010-04-01' },
    },
  },
  callStatus: {
    what: 'the end of a call',
    source:
      'https://www.twilio.com/docs/voice/twiml#request-parameters, …/docs/voice/api/call-resource#statuscallback (2026-11-23)',
    payload: {
      ...ends,
      ...{ CallSid: 'CAXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX', AccountSid: accountSid, ApiVersion: '2010-04-01' },
      ...{ CallStatus: 'completed', Direction: 'inbound', CallDuration: '65', Duration: '2' },
      ...{ Timestamp: 'Mon, 23 Nov 2026 03:00:00 +0000', CallbackSource: 'call-progress-events', SequenceNumber: '0' },
    },
  },
} as const satisfies Record<string, DocumentedPayload>;
