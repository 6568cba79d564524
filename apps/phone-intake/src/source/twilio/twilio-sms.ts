import { callProvider, refusalByStatus, type SendOutcome } from '#intake';
import type { TwilioAccount } from '../accounts.js';
import { fieldAt } from '../json-fields.js';
import type { OutgoingSms, SmsProvider } from '../sms-provider.js';
import { apiOf, authorizationOf } from './twilio-api.js';
import { permanentCode } from './twilio-states.js';

const dayMs = 86_400_000;
/** More messages than we send to one number in two days. */
const pageSize = 100;

/** Twilio's REST interface. Source: twilio.com/docs/messaging/api/message-resource, 2026-11-22. */
export class TwilioSms implements SmsProvider {
  /** Error 21617 beyond it. */
  readonly maxCharacters = 1_600;

  constructor(private readonly account: TwilioAccount) {}

  async send({ to, text, callback }: OutgoingSms): Promise<SendOutcome> {
    const { options, number } = this.account;
    const from: Record<string, string> =
      options.messagingServiceSid === undefined
        ? { From: number }
        : { MessagingServiceSid: options.messagingServiceSid };
    const answer = await callProvider(this.messages, {
      headers: this.headers,
      body: new URLSearchParams({ To: to, ...from, Body: text, StatusCallback: callback }),
    });
    if (answer.kind !== 'answered') return answer;
    const { body } = answer;
    const messageId = fieldAt(body, 'sid');
    if (answer.ok) return { kind: 'sent', ...(messageId === '' ? {} : { messageId }) };
    const code = fieldAt(body, 'code');
    const known = permanentCode(code);
    const detail = `Twilio ${answer.status} ${code}`.trim();
    return known === undefined
      ? refusalByStatus(answer, detail)
      : { kind: 'not_sent', code: known, permanent: true, detail };
  }

  /** Twilio's list does not say which callback a message was given, so a message is known by number, text and time. */
  async find({ to, text, since }: { to: string; text: string; since: Date }): Promise<readonly string[]> {
    const day = new Date(since.getTime() - dayMs).toISOString().slice(0, 10);
    const query = new URLSearchParams({ To: to, 'DateSent>': day, PageSize: String(pageSize) });
    const answer = await callProvider(`${this.messages}?${query.toString()}`, { method: 'GET', headers: this.headers });
    if (answer.kind !== 'answered' || !answer.ok) return [];
    const { messages } = answer.body ?? {};
    const created = (message: unknown) => Date.parse(fieldAt(message, 'date_created'));
    return (Array.isArray(messages) ? (messages as unknown[]) : [])
      .filter((message) => fieldAt(message, 'direction').startsWith('outbound') && created(message) >= since.getTime())
      .filter((message) => sameText(fieldAt(message, 'body'), text))
      .sort((one, other) => created(one) - created(other))
      .map((message) => fieldAt(message, 'sid'));
  }

  private get messages(): string {
    return `${apiOf(this.account)}/Messages.json`;
  }

  private get headers(): Record<string, string> {
    return { ...authorizationOf(this.account) };
  }
}

function sameText(one: string, other: string): boolean {
  return one.normalize('NFC').trim() === other.normalize('NFC').trim();
}
