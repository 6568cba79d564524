import type { ProviderAnswer } from '../provider-server.js';

/** An update with a message, as webhooks tell it. */
export interface DirectUpdate {
  readonly sender: { readonly id: string };
  readonly recipient: { readonly id: string };
  readonly message: { readonly mid: string; readonly text?: string; readonly is_echo?: boolean };
}

interface Said extends DirectUpdate {
  readonly at: number;
}

/**
 * Graph's conversations of a page or an account of Instagram, newest first. Members as developers.facebook.com/documentation/business-messaging/
 * messenger-platform/conversations and …/docs/graph-api/reference/{conversation,message} name them; pages as …/docs/graph-api/results (2026-11-23).
 */
export class MetaConversations {
  /** How much a page of a list holds at most, whatever is asked for. */
  pageSize = 100;
  /** By page and person: `<page>_<person>`. */
  private readonly said = new Map<string, Said[]>();

  add(page: string, update: DirectUpdate, at: number): void {
    const person = update.message.is_echo === true ? update.recipient.id : update.sender.id;
    const id = `${page}_${person}`;
    this.said.set(id, [{ ...update, at }, ...(this.said.get(id) ?? [])]);
  }

  answer(id: string, edge: 'conversations' | 'messages', query: URLSearchParams): ProviderAnswer {
    const limit = Number(query.get('limit') ?? 25);
    const body =
      edge === 'messages'
        ? this.messages(id, { limit, after: query.get('after') })
        : this.list(id, { limit, after: query.get('after'), fields: query.get('fields') ?? '' });
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  }

  private list(page: string, of: { readonly limit: number; readonly after: string | null; readonly fields: string }) {
    const messageLimit = Number(/messages\.limit\((\d+)\)/.exec(of.fields)?.[1] ?? 25);
    const ids = [...this.said.keys()].filter((id) => id.startsWith(`${page}_`));
    const newest = ids.toSorted((a, b) => (this.said.get(b)?.[0]?.at ?? 0) - (this.said.get(a)?.[0]?.at ?? 0));
    return this.page(newest, of, (id) => ({
      ...{ id, updated_time: timeOf(this.said.get(id)?.[0]?.at) },
      messages: this.messages(id, { limit: messageLimit, after: null }),
    }));
  }

  private messages(id: string, of: { readonly limit: number; readonly after: string | null }) {
    return this.page(this.said.get(id) ?? [], of, ({ sender, recipient, message, at }) => ({
      ...{ id: message.mid, created_time: timeOf(at), message: message.text ?? '' },
      ...{ from: { ...sender, name: 'Người Thử' }, to: { data: [{ ...recipient, name: 'Người Thử' }] } },
    }));
  }

  private page<Item>(
    all: readonly Item[],
    of: { readonly limit: number; readonly after: string | null },
    told: (item: Item) => object,
  ) {
    const size = Math.min(of.limit, this.pageSize);
    const start = Number(of.after ?? 0);
    const end = start + size;
    const cursors = { before: String(start), after: String(end) };
    const next = end < all.length ? { next: `https://graph.facebook.com/next?access_token=secret&after=${end}` } : {};
    return { data: all.slice(start, end).map(told), ...(all.length === 0 ? {} : { paging: { cursors, ...next } }) };
  }
}

/** As Graph writes times: to the second, without a colon in the zone. */
function timeOf(at = 0): string {
  return `${new Date(at).toISOString().slice(0, 19)}+0000`;
}
