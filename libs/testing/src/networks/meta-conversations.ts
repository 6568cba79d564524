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
 * Graph's conversations of a page or an account of Instagram, newest first. Members and pages as in its own answers (meta-lists.documented.ts; a spec
 * compares them), fields as developers.facebook.com/docs/graph-api/reference/{conversation,message} name them (2026-11-23).
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
        ? this.messages(id, { limit, after: query.get('after'), fields: query.get('fields') ?? '' })
        : this.list(id, { limit, after: query.get('after'), fields: query.get('fields') ?? '' });
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  }

  private list(page: string, of: { readonly limit: number; readonly after: string | null; readonly fields: string }) {
    const messageLimit = Number(/messages\.limit\((\d+)\)/.exec(of.fields)?.[1] ?? 25);
    const ids = [...this.said.keys()].filter((id) => id.startsWith(`${page}_`));
    const newest = ids.toSorted((a, b) => (this.said.get(b)?.[0]?.at ?? 0) - (this.said.get(a)?.[0]?.at ?? 0));
    return this.page(newest, of, (id) => ({
      ...{ id, updated_time: timeOf(this.said.get(id)?.[0]?.at) },
      messages: this.messages(id, { limit: messageLimit, after: null, fields: of.fields }),
    }));
  }

  private messages(id: string, of: { readonly limit: number; readonly after: string | null; readonly fields: string }) {
    const told = ({ sender, recipient, message, at }: Said) => ({
      ...{ id: message.mid, created_time: timeOf(at), message: message.text ?? '' },
      ...{ from: personOf(id, sender.id), to: { data: [personOf(id, recipient.id)] } },
    });
    const page = this.page(this.said.get(id) ?? [], of, (one) =>
      of.fields === 'id' ? { id: one.message.mid } : told(one),
    );
    if (!isOnInstagram(id) || page.paging === undefined) return page;
    // It names a next page also behind the last message, and none before.
    const after = page.paging.cursors.after;
    return { ...page, paging: { cursors: { after }, next: nextPage(after) } };
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
    const data = all.slice(start, end).map(told);
    const next = end < all.length ? { next: nextPage(cursors.after) } : {};
    return { data, ...(data.length === 0 ? {} : { paging: { cursors, ...next } }) };
  }
}

const nextPage = (after: string) => `https://graph.facebook.com/next?access_token=secret&after=${after}`;
/** Ids of Instagram's accounts begin like this. */
const isOnInstagram = (conversation: string) => conversation.startsWith('1784');

function personOf(conversation: string, id: string) {
  return isOnInstagram(conversation)
    ? { username: 'nguoi_thu', id }
    : { name: 'Người Thử', email: `${id}@facebook.com`, id };
}

/** As Graph writes times: to the second, without a colon in the zone. */
function timeOf(at = 0): string {
  return `${new Date(at).toISOString().slice(0, 19)}+0000`;
}
