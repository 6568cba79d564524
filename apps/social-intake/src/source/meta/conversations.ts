import { askForList, ListError, ListGoneError, type Page, readPages } from '#intake';
import { idIn, isObject, type JsonObject, numberIn, objectIn, textIn } from '../../normalize/json.js';
import { type Graph, graphWaitOf } from './graph.js';
import { webhookOf } from './listed.js';
import { milliseconds } from './split.js';

const platforms = { messenger: 'messenger', instagram: 'instagram' } as const;

/** A page, or the account of Instagram behind it. */
export interface MetaInbox extends Graph {
  readonly channel: string;
  /** The page by whose token it is read. */
  readonly sender: string;
  /** As webhooks name it. */
  readonly address: string | undefined;
}

/** Of Instagram, Graph gives the ids of all messages of a conversation, but the words of the last twenty only. */
const messagesAtOnce = 20;
/** With twenty messages each, and addresses of files of a kilobyte, well below what we read of an answer. */
const conversationsAtOnce = 10;
const messageFields = 'id,created_time,from,to,message,attachments{mime_type,name,size,file_url,image_data,video_data}';
const fields = `id,updated_time,messages.limit(${messagesAtOnce}){${messageFields}}`;

export function hasConversations(channel: string): channel is keyof typeof platforms {
  return Object.hasOwn(platforms, channel);
}

/**
 * The messages of a page or an account of Instagram since then, ours among them, each as its webhook. Sources (2026-11-23): developers.facebook.com/
 * documentation/business-messaging/messenger-platform/conversations, …/docs/graph-api/reference/conversation (also for the twenty), …/docs/graph-api/
 * reference/message, …/docs/graph-api/results (paging). That the newest comes first is how Graph answers, not what these pages say: conversations are
 * read until a whole page of them is older.
 */
export async function* missedMessages(given: MetaInbox, since: Date, signal: AbortSignal): AsyncGenerator<Buffer> {
  const inbox = { ...given, sender: await idOf(given, signal) };
  const from = Math.floor(since.getTime() / 1000) * 1000;
  let foreign = 0;
  let beyond = 0;
  for await (const conversations of conversationsOf(inbox, signal)) {
    const changed = conversations.filter(isObject).filter((one) => (timeOf(one, 'updated_time') ?? from) >= from);
    if (changed.length === 0) break;
    for (const conversation of changed) {
      for await (const message of messagesOf(inbox, conversation, from, signal)) {
        if (message === 'beyond') beyond += 1;
        else if ((timeOf(message, 'created_time') ?? from) >= from) {
          const webhook = webhookOf(message, { ...inbox, at: timeOf(message, 'created_time') });
          if (webhook === undefined) foreign += 1;
          else yield webhook;
        }
      }
    }
  }
  if (foreign > 0) throw new ListError(`${foreign} of the messages on the list are not of this account`);
  if (beyond > 0) throw new ListGoneError(`Instagram does not show all messages of ${beyond} conversations`);
}

/** An account without an address is whose token it is. */
async function idOf(inbox: MetaInbox, signal: AbortSignal): Promise<string> {
  if (inbox.sender !== 'me') return inbox.sender;
  const id = idIn(await get(inbox, 'me', { fields: 'id' }, signal), 'id');
  if (id === undefined) throw new ListError('the answer does not say whose the token is');
  return id;
}

async function* conversationsOf(inbox: MetaInbox, signal: AbortSignal): AsyncGenerator<readonly unknown[]> {
  const { channel, sender } = inbox;
  const query = { platform: channel, fields, limit: String(conversationsAtOnce) };
  const ask = async (after?: string): Promise<Page> =>
    pageOf(await get(inbox, `${sender}/conversations`, { ...query, after }, signal));
  yield* readPages(ask, { signal });
}

/** `beyond`: there are more since then, and they cannot be had. */
async function* messagesOf(
  inbox: MetaInbox,
  conversation: JsonObject,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<JsonObject | 'beyond'> {
  const id = idIn(conversation, 'id');
  const first = pageOf(objectIn(conversation, 'messages') ?? { data: [] });
  const ask = async (after?: string): Promise<Page> => {
    if (after === undefined || id === undefined) return first;
    const query = { fields: messageFields, limit: String(messagesAtOnce), after };
    return pageOf(await get(inbox, `${encodeURIComponent(id)}/messages`, query, signal));
  };
  for await (const messages of readPages(ask, { signal })) {
    const entries = messages.filter(isObject);
    yield* entries;
    // Newest first.
    const oldest = Math.min(...entries.map((message) => timeOf(message, 'created_time') ?? from));
    if (entries.length === 0 || oldest < from) return;
    if (inbox.channel === 'instagram') {
      // A next page is named also behind the last message: whether there is one, ids tell, which are shown of all.
      if (first.next !== undefined && (await hasMore(inbox, id, first.next, signal))) yield 'beyond';
      return;
    }
  }
}

async function hasMore(inbox: MetaInbox, id: string | undefined, after: string, signal: AbortSignal): Promise<boolean> {
  if (id === undefined) return true;
  const query = { fields: 'id', limit: '1', after };
  return pageOf(await get(inbox, `${encodeURIComponent(id)}/messages`, query, signal)).items.length > 0;
}

async function get(
  { api, accessToken }: Graph,
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<JsonObject> {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const url = `${api}/${path}?${new URLSearchParams(given).toString()}`;
  return await askForList(url, { signal, headers: { authorization: `Bearer ${accessToken}` }, waitOf: graphWaitOf });
}

/** The next page by its cursor: our token goes to no address that an answer names. */
function pageOf(list: JsonObject): Page {
  const { data } = list;
  if (!Array.isArray(data)) throw new ListError('the answer has no list');
  const paging = objectIn(list, 'paging');
  const hasNext = textIn(paging, 'next') !== undefined;
  const after = hasNext ? textIn(objectIn(paging, 'cursors'), 'after') : undefined;
  // As old versions of Graph page, by time: taken for the end, what is behind it would be lost.
  if (hasNext && after === undefined) throw new ListError('the answer names a next page without a cursor');
  return { items: data as unknown[], ...(after === undefined ? {} : { next: after }) };
}

/** ISO 8601, or seconds since 1970, also as text. */
function timeOf(of: JsonObject, key: string): number | undefined {
  const seconds = numberIn(of, key);
  if (seconds !== undefined) return milliseconds(seconds);
  const time = Date.parse(textIn(of, key) ?? '');
  return Number.isNaN(time) ? undefined : time;
}
