import { askForList, ListError, type ListedAccount, type Page, readPages } from '#intake';
import { e164Of } from '../../normalize/number.js';
import type { PhoneIntake } from '../../phone.intake.js';
import type { AccountDirectory } from '../account-directory.js';
import type { TwilioAccount } from '../accounts.js';
import { fieldAt } from '../json-fields.js';
import { callForm, type ListedMedia, messageForm, timeOfCall, timeOfMessage } from './listed.js';
import { apiOf, authorizationOf } from './twilio-api.js';
import { readTwilioCall, readTwilioSms } from './twilio-events.js';

const contentType = 'application/x-www-form-urlencoded';
/** Twilio gives up to 1,000; this many stay well below what we read of an answer. */
const pageSize = '200';
/** Twilio ends a call after this long at the latest. Source: twilio.com/docs/voice/api/call-resource, "TimeLimit". */
const longestCallMs = 86_400_000;
const maxMedia = 10;

/** What is needed to take in what Twilio lists. */
interface TwilioListParts {
  readonly account: TwilioAccount;
  readonly accounts: Pick<AccountDirectory, 'ownerOf'>;
  readonly intake: Pick<PhoneIntake, 'receive'>;
}

/**
 * Twilio's own lists of messages and calls to one of our numbers. Sources: twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources,
 * twilio.com/docs/voice/api/call-resource#read-multiple-call-resources, twilio.com/docs/usage/twilios-response#pagination (2026-11-23). These pages speak of
 * whole days; times are what Twilio's own library sends, and whoever takes them for days answers more than was asked for. Unconfirmed: that the list names the
 * messaging service of every incoming message. Of a number of a pool without it, that no account has either, the list tells us nothing.
 */
export class TwilioList implements ListedAccount {
  readonly channel: 'sms' | 'phone';
  readonly account: string;

  constructor(private readonly parts: TwilioListParts) {
    const { channel, id } = parts.account;
    this.channel = channel;
    this.account = id;
  }

  readonly fetch = async (from: Date, _to: Date, signal: AbortSignal): Promise<number> =>
    this.channel === 'sms' ? await this.messages(from, signal) : await this.calls(from, signal);

  private async messages(from: Date, signal: AbortSignal): Promise<number> {
    const { account } = this.parts;
    const service = account.options.messagingServiceSid;
    // The list has no filter by messaging service: its numbers are told apart here.
    const to = service === undefined ? { To: account.number } : {};
    const since = { 'DateSent>': secondOf(from.getTime()) };
    const isNew = (message: unknown) => (timeOfMessage(message) ?? from.getTime()) >= floorToSecond(from);
    return await this.each('messages', { ...to, ...since }, signal, async (message) => {
      const isIncoming = fieldAt(message, 'direction') === 'inbound';
      if (service === undefined && !isNumber(fieldAt(message, 'to'), account.number)) return 'foreign';
      if (!isIncoming || !isNew(message) || !this.isOurs(message, service)) return 0;
      const media = await this.mediaOf(message, signal);
      await this.take(messageForm(message, media), 'sms');
      return 1;
    });
  }

  /**
   * Calls that we make are listed by whom they are from, and reported to us only where whoever makes them asks for it: what would not have been
   * told is not taken from the list either, unless `options.outgoingCalls` says that it would have been.
   */
  private async calls(from: Date, signal: AbortSignal): Promise<number> {
    const { number, options } = this.parts.account;
    const since = { 'StartTime>': secondOf(from.getTime() - longestCallMs) };
    const take = async (call: unknown) => {
      const endedAt = timeOfCall(call);
      if (endedAt === undefined || endedAt < floorToSecond(from)) return 0;
      await this.take(callForm(call), 'phone');
      return 1;
    };
    const incoming = await this.each('calls', { To: number, ...since }, signal, async (call) => {
      if (!isNumber(fieldAt(call, 'to'), number)) return 'foreign';
      return fieldAt(call, 'direction') === 'inbound' ? await take(call) : 0;
    });
    if (!options.outgoingCalls) return incoming;
    const outgoing = await this.each('calls', { From: number, ...since }, signal, async (call) =>
      isNumber(fieldAt(call, 'from'), number) ? await take(call) : 'foreign',
    );
    return incoming + outgoing;
  }

  /** Whose webhook it would have been: the id of an event is made with its account. */
  private isOurs(message: unknown, service: string | undefined): boolean {
    const { account, accounts } = this.parts;
    const to = fieldAt(message, 'to');
    const of = fieldAt(message, 'messaging_service_sid');
    return (isNumber(to, account.number) || of === service) && accounts.ownerOf(account, of, e164Of(to)) === account;
  }

  private async take(bytes: Buffer, channel: 'sms' | 'phone'): Promise<void> {
    const { account, intake } = this.parts;
    const read = channel === 'sms' ? readTwilioSms : readTwilioCall;
    const outcome = await intake.receive({
      ...{ account, bytes, contentType, receivedAt: new Date(), receivedVia: 'poll' },
      read: (context) => read(bytes, context),
    });
    if (outcome?.kind === 'busy') throw new ListError('our intake is busy', outcome.retryAfterSeconds * 1000);
    if (outcome?.kind === 'refused') throw new ListError(`our intake refused it: ${outcome.refusal.code}`);
  }

  /** How many inputs the entries of a list became. @throws ListError at its end where some of it is not this account's: who knows what is missing. */
  private async each(
    list: 'messages' | 'calls',
    filter: Readonly<Record<string, string>>,
    signal: AbortSignal,
    take: (entry: unknown) => Promise<number | 'foreign'>,
  ): Promise<number> {
    const { account } = this.parts;
    const url = `${apiOf(account)}/${list === 'messages' ? 'Messages' : 'Calls'}.json`;
    const first = `?${new URLSearchParams({ ...filter, PageSize: pageSize }).toString()}`;
    const ask = async (next = first): Promise<Page> => {
      const answer = await askForList(`${url}${next}`, { signal, headers: authorizationOf(account) });
      const { [list]: items, next_page_uri: following } = answer;
      if (!Array.isArray(items)) throw new ListError(`the answer has no list of ${list}`);
      // Of the next page's address only the query: our credentials go nowhere else.
      const query = typeof following === 'string' ? /\?.*$/s.exec(following)?.[0] : undefined;
      return { items: items as unknown[], ...(query === undefined ? {} : { next: query }) };
    };
    let taken = 0;
    let foreign = 0;
    for await (const items of readPages(ask, { signal })) {
      for (const item of items) {
        signal.throwIfAborted();
        const isOfAccount = fieldAt(item, 'account_sid') === account.credentials.accountSid;
        const became = isOfAccount ? await take(item) : 'foreign';
        if (became === 'foreign') foreign += 1;
        else taken += became;
      }
    }
    if (foreign > 0) throw new ListError(`${foreign} of the ${list} on the list are not of this account`);
    return taken;
  }

  /** Source: twilio.com/docs/messaging/api/media-resource#read-multiple-media-resources (2026-11-23). The webhook's address is the resource's without `.json`. */
  private async mediaOf(message: unknown, signal: AbortSignal): Promise<ListedMedia[]> {
    const count = Math.min(Number(fieldAt(message, 'num_media')) || 0, maxMedia);
    const sid = fieldAt(message, 'sid');
    if (count === 0 || !/^\w{1,64}$/.test(sid)) return [];
    const { account } = this.parts;
    const url = `${apiOf(account)}/Messages/${sid}/Media`;
    const { media_list: listed } = await askForList(`${url}.json`, { signal, headers: authorizationOf(account) });
    const entries = Array.isArray(listed) ? (listed as unknown[]) : [];
    // A file that has been deleted since is missing from the list; it is missing from the message then.
    return Array.from({ length: count }, (_, index) => ({
      url: `${url}/${fieldAt(entries[index], 'sid')}`,
      mediaType: fieldAt(entries[index], 'content_type'),
    }));
  }
}

function isNumber(stated: string, number: string): boolean {
  return (e164Of(stated) ?? stated) === number;
}

/** Twilio's times have no fractions. */
function floorToSecond(time: Date): number {
  return Math.floor(time.getTime() / 1000) * 1000;
}

function secondOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
