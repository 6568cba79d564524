import type { ProviderAnswer, ProviderRequest } from './provider-server.js';

type Fields = Readonly<Record<string, string>>;
type Entry = Readonly<Record<string, unknown>>;

interface ListOptions {
  readonly pageSize: number;
  /** Messages of ours that match the query. */
  readonly sent: readonly Entry[];
}

/**
 * What Twilio lists of what came in: messages, their media, calls; newest first. Members are those of the resources in Twilio's own library
 * (twilio/lib/rest/api/v2010/account/{message,call}.d.ts, …/message/media.d.ts) and of twilio.com/docs/usage/twilios-response#pagination (2026-11-23).
 */
export class TwilioLists {
  private readonly messages: { readonly fields: Fields; readonly at: Date }[] = [];
  private readonly calls: Fields[] = [];

  constructor(private readonly accountSid: string) {}

  addMessage(fields: Fields): void {
    this.messages.unshift({ fields, at: new Date() });
  }

  addCall(fields: Fields): void {
    this.calls.unshift(fields);
  }

  /** Undefined: none of the lists was asked for. */
  answer({ method, url }: ProviderRequest, { pageSize, sent }: ListOptions): ProviderAnswer | undefined {
    if (method !== 'GET') return undefined;
    const base = `/2010-04-01/Accounts/${this.accountSid}`;
    if (url.pathname === `${base}/Messages.json`)
      return page(url, 'messages', [...this.listMessages(url), ...sent], pageSize);
    if (url.pathname === `${base}/Calls.json`) return page(url, 'calls', this.listCalls(url), pageSize);
    const [, sid, media] = /\/Messages\/(\w+)\/Media(?:\.json|\/(\w+))$/.exec(url.pathname) ?? [];
    const fields = this.messages.find((message) => message.fields.MessageSid === sid)?.fields;
    if (fields === undefined) return undefined;
    if (media === undefined) return page(url, 'media_list', this.listMedia(fields), pageSize);
    // Files lie elsewhere: Twilio's API sends a client on to them.
    return { status: 307, headers: { location: fields[`MediaUrl${media.slice(2)}`] ?? '' } };
  }

  private listMessages({ searchParams: query }: URL): Entry[] {
    const since = Date.parse(query.get('DateSent>') ?? '1970-01-01');
    return this.messages
      .filter(({ fields, at }) => [null, fields.To].includes(query.get('To')) && at.getTime() >= since)
      .map(({ fields, at }) => ({
        ...{
          account_sid: fields.AccountSid,
          api_version: fields.ApiVersion,
          sid: fields.MessageSid,
          body: fields.Body,
        },
        ...{ from: fields.From, to: fields.To, direction: 'inbound', status: 'received', error_code: null },
        ...{ messaging_service_sid: fields.MessagingServiceSid ?? null, num_media: fields.NumMedia, num_segments: '1' },
        ...{ date_created: at.toUTCString(), date_sent: at.toUTCString(), date_updated: at.toUTCString() },
      }));
  }

  private listMedia(fields: Fields): Entry[] {
    return Array.from({ length: Number(fields.NumMedia) }, (_, index) => ({
      ...{ account_sid: fields.AccountSid, parent_sid: fields.MessageSid, sid: `ME${index}` },
      content_type: fields[`MediaContentType${index}`],
    }));
  }

  private listCalls({ searchParams: query }: URL): Entry[] {
    const since = Date.parse(query.get('StartTime>') ?? '1970-01-01');
    const matches = (name: string, value: string | undefined) => [null, value].includes(query.get(name));
    return this.calls.flatMap((fields) => {
      const endedAt = new Date(fields.Timestamp ?? 0);
      const startedAt = new Date(endedAt.getTime() - Number(fields.CallDuration) * 1000);
      if (!matches('To', fields.To) || !matches('From', fields.From) || startedAt.getTime() < since) return [];
      return [
        {
          ...{
            account_sid: fields.AccountSid,
            api_version: fields.ApiVersion,
            sid: fields.CallSid,
            parent_call_sid: null,
          },
          ...{ from: fields.From, to: fields.To, direction: fields.Direction, status: fields.CallStatus },
          ...{ start_time: startedAt.toUTCString(), end_time: endedAt.toUTCString(), duration: fields.CallDuration },
        },
      ];
    });
  }
}

function page(url: URL, name: string, all: readonly Entry[], most: number): ProviderAnswer {
  const size = Math.min(most, Number(url.searchParams.get('PageSize') ?? 50));
  const index = Number(url.searchParams.get('Page') ?? 0);
  const next = new URL(url);
  next.searchParams.set('Page', String(index + 1));
  next.searchParams.set('PageToken', `PA${index + 1}`);
  const isLast = all.length <= (index + 1) * size;
  const body = {
    [name]: all.slice(index * size, (index + 1) * size),
    ...{ page: index, page_size: size, uri: `${url.pathname}${url.search}` },
    next_page_uri: isLast ? null : `${next.pathname}${next.search}`,
  };
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
