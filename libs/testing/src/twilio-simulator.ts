import { randomBytes } from 'node:crypto';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import type { ProviderAnswer, ProviderRequest, Received } from './provider-server.js';
import type { Webhook } from './networks/webhooks.js';
import { ProviderSimulator } from './provider-simulator.js';
import { TwilioLists } from './twilio-lists.js';

interface TwilioMessage {
  readonly sid: string;
  readonly to: string;
  readonly from: string;
  readonly body: string;
  readonly statusCallback?: string;
  readonly takenAt: Date;
}

export interface TwilioSimulatorOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** Statuses that are reported after a message was taken, in this order; the default has a duplicate and an overtaking. */
  readonly statuses?: readonly string[];
}

const sidOf = (prefix: string) => `${prefix}${randomBytes(16).toString('hex')}`;
const json = (status: number, body: object): ProviderAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/**
 * Twilio as documented: takes messages, reports their states and hands messages in, all signed by the rule of Twilio's own library.
 * Sources: twilio.com/docs/messaging/api/message-resource, …/guides/webhook-request, …/guides/outbound-message-status-in-status-callbacks,
 * twilio.com/docs/usage/webhooks/webhooks-security (2026-11-22).
 */
export class TwilioSimulator extends ProviderSimulator {
  /** What customers' telephones have received. */
  readonly messages: TwilioMessage[] = [];
  /** Its reports of what became of messages get lost on their way. */
  losesReports = false;
  readonly media = new Map<string, { readonly bytes: Buffer; readonly mediaType: string }>();

  /** How much a page of a list holds at most, whatever is asked for. */
  pageSize = 1_000;
  private readonly lists: TwilioLists;

  constructor(private readonly options: TwilioSimulatorOptions) {
    super();
    this.lists = new TwilioLists(options.accountSid);
  }

  get received(): readonly Received[] {
    return this.messages.map(({ from, to, body }) => ({ from, to, text: body }));
  }

  /** Twilio's refusal of a request. Source: twilio.com/docs/usage/twilios-response. */
  static error(status: number, code: number, headers: Readonly<Record<string, string>> = {}): ProviderAnswer {
    const more = `https://www.twilio.com/docs/errors/${code}`;
    const answer = json(status, { code, message: `Error ${code}`, more_info: more, status });
    return { ...answer, headers: { ...answer.headers, ...headers } };
  }

  /** The fields of an incoming message, which is on the list of messages from now on. */
  incoming(fields: Readonly<Record<string, string>>): Record<string, string> {
    const sid = sidOf('SM');
    const message = {
      ...{ ToCountry: 'VN', ToState: '', SmsMessageSid: sid, NumMedia: '0', ToCity: '', FromZip: '', SmsSid: sid },
      ...{
        FromState: '',
        SmsStatus: 'received',
        FromCity: '',
        Body: '',
        FromCountry: 'VN',
        ToZip: '',
        NumSegments: '1',
      },
      ...{ MessageSid: sid, AccountSid: this.options.accountSid, ApiVersion: '2010-04-01' },
      ...fields,
    };
    this.lists.addMessage(message);
    return message;
  }

  /** The fields of the status callback of a call that is over, which is on the list of calls from now on. */
  call(fields: Readonly<Record<string, string>>): Record<string, string> {
    const { accountSid: AccountSid } = this.options;
    const call = {
      ...{ CallSid: sidOf('CA'), AccountSid, ApiVersion: '2010-04-01', Direction: 'inbound', CallStatus: 'completed' },
      ...{ CallDuration: '0', Timestamp: new Date().toUTCString() },
      ...fields,
    };
    this.lists.addCall(call);
    return call;
  }

  /** The fields of what became of a message of ours. */
  messageStatus({ sid, to, from }: Pick<TwilioMessage, 'sid' | 'to' | 'from'>, status: string): Record<string, string> {
    return {
      ...{ SmsSid: sid, SmsStatus: status, MessageStatus: status, To: to, MessageSid: sid, From: from },
      ...{ AccountSid: this.options.accountSid, ApiVersion: '2010-04-01' },
    };
  }

  /** The fields of the state of a call; `Duration` are the minutes that are paid for. */
  callStatus(fields: Readonly<Record<string, string>>): Record<string, string> {
    return {
      ...{ CallSid: sidOf('CA'), AccountSid: this.options.accountSid, ApiVersion: '2010-04-01' },
      ...{ Direction: 'inbound', CallDuration: '65', Duration: '2', Timestamp: new Date().toUTCString() },
      ...{ CallbackSource: 'call-progress-events', SequenceNumber: '0' },
      ...fields,
    };
  }

  /** A webhook as Twilio encodes and signs it. */
  sign(url: string, fields: Readonly<Record<string, string>>): Webhook {
    return {
      body: Buffer.from(new URLSearchParams(fields).toString()),
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'user-agent': 'TwilioProxy/1.1',
        'x-twilio-signature': getExpectedTwilioSignature(this.options.authToken, url, { ...fields }),
      },
    };
  }

  /** Posts a signed webhook. */
  async post(url: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    const { body, headers } = this.sign(url, fields);
    return await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  }

  protected override answer(request: ProviderRequest): ProviderAnswer {
    const { accountSid, authToken } = this.options;
    const basic = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
    const { pathname } = request.url;
    const file = this.media.get(pathname);
    if (request.headers.authorization !== basic) return TwilioSimulator.error(401, 20003);
    if (file !== undefined) return { status: 200, headers: { 'content-type': file.mediaType }, body: file.bytes };
    const listed = this.lists.answer(request, {
      pageSize: this.pageSize,
      sent: this.listSent(request.url.searchParams),
    });
    if (listed !== undefined) return listed;
    if (pathname !== `/2010-04-01/Accounts/${accountSid}/Messages.json`) return TwilioSimulator.error(404, 20404);
    return this.take(new URLSearchParams(request.bytes.toString()));
  }

  private take(fields: URLSearchParams): ProviderAnswer {
    const field = (name: string) => fields.get(name) ?? '';
    if (field('To') === '') return TwilioSimulator.error(400, 21604);
    if (field('Body') === '') return TwilioSimulator.error(400, 21602);
    if (field('Body').length > 1600) return TwilioSimulator.error(400, 21617);
    const statusCallback = fields.get('StatusCallback') ?? undefined;
    const message = {
      ...{ sid: sidOf('SM'), to: field('To'), from: field('From'), body: field('Body'), takenAt: new Date() },
      ...(statusCallback === undefined ? {} : { statusCallback }),
    };
    this.messages.push(message);
    this.server.tell(this.report(message));
    const { sid, to, from, body } = message;
    return json(201, { account_sid: this.options.accountSid, sid, to, from, body, status: 'queued', error_code: null });
  }

  /** What has left by the API, newest first. */
  private listSent(query: URLSearchParams): Record<string, unknown>[] {
    const since = Date.parse(query.get('DateSent>') ?? '1970-01-01');
    const found = this.messages.filter(({ to, takenAt }) => to === query.get('To') && takenAt.getTime() >= since);
    return found.reverse().map(({ sid, to, from, body, takenAt }) => ({
      ...{ account_sid: this.options.accountSid, sid, to, from, body, status: 'delivered', direction: 'outbound-api' },
      ...{ date_created: takenAt.toUTCString(), date_sent: takenAt.toUTCString(), error_code: null, num_segments: '1' },
    }));
  }

  private async report(message: TwilioMessage): Promise<void> {
    const { statusCallback } = message;
    if (statusCallback === undefined || this.losesReports) return;
    for (const status of this.options.statuses ?? ['queued', 'delivered', 'sent', 'delivered'])
      await this.post(statusCallback, this.messageStatus(message, status));
  }
}
