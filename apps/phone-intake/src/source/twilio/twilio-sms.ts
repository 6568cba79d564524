import type { SendOutcome } from '#intake';
import type { TwilioAccount } from '../accounts.js';
import { fieldAt, parseObject } from '../json-fields.js';
import { post, refusalOf } from '../post.js';
import type { OutgoingSms, SmsProvider } from '../sms-provider.js';
import { permanentCode } from './twilio-states.js';

/** Twilio's REST interface. Source: twilio.com/docs/messaging/api/message-resource#create-a-message, 2026-11-22. */
export class TwilioSms implements SmsProvider {
  constructor(private readonly account: TwilioAccount) {}

  async send({ to, text, callback }: OutgoingSms): Promise<SendOutcome> {
    const { credentials, options, number } = this.account;
    const { accountSid, authToken } = credentials;
    const from: Record<string, string> =
      options.messagingServiceSid === undefined
        ? { From: number }
        : { MessagingServiceSid: options.messagingServiceSid };
    const answer = await post(`${options.apiUrl}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}` },
      body: new URLSearchParams({ To: to, ...from, Body: text, StatusCallback: callback }),
    });
    if ('kind' in answer) return answer;
    const body = parseObject(Buffer.from(answer.text));
    const messageId = fieldAt(body, 'sid');
    if (answer.ok) return { kind: 'sent', ...(messageId === '' ? {} : { messageId }) };
    const code = fieldAt(body, 'code');
    const known = permanentCode(code);
    const detail = `Twilio ${answer.status} ${code}`.trim();
    return known === undefined ? refusalOf(answer, detail) : { kind: 'not_sent', code: known, permanent: true, detail };
  }
}
