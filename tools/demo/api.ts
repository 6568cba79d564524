import { randomUUID } from 'node:crypto';
import type { Account } from '../platform/stack.js';
import type { Ledger } from './ledger.js';

/** What the demo reads of a ticket. */
export interface Ticket {
  readonly number: string;
  readonly status: string;
  readonly channel: string;
  readonly subject?: string;
  readonly reference?: string;
  readonly customer: { readonly id: string; readonly name?: string; readonly address?: string };
  readonly messages: readonly {
    readonly direction: 'inbound' | 'outbound';
    readonly automatic: boolean;
    readonly text: string;
    readonly delivery?: { readonly state: string };
  }[];
  readonly timeline: readonly { readonly type: string; readonly details: Readonly<Record<string, unknown>> }[];
}

interface Report {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** One person signed in to one platform. */
export class Client {
  private constructor(
    private readonly token: string,
    private readonly ticketing: string,
    private readonly reporting: string,
  ) {}

  static async signIn(urls: { ticketing: string; reporting: string }, account: Account): Promise<Client> {
    const answer = await call(`${urls.ticketing}/api/v1/auth/token`, { method: 'POST', body: account });
    return new Client((answer as { accessToken: string }).accessToken, urls.ticketing, urls.reporting);
  }

  /** Of the channel's newest 200 tickets the one that fits, with its messages. */
  async findTicket(channel: string, fits: (item: Ticket) => boolean): Promise<Ticket | undefined> {
    const url = `${this.ticketing}/api/v1/tickets?limit=200&channel=${channel}`;
    const { items } = (await this.get(url)) as { items: Ticket[] };
    const found = items.find(fits);
    return found === undefined ? undefined : this.ticket(found.number);
  }

  async ticket(number: string): Promise<Ticket> {
    return (await this.get(`${this.ticketing}/api/v1/tickets/${number}`)) as Ticket;
  }

  /** Sends a file for an answer; returns its id. */
  async attach(file: File): Promise<string> {
    const form = new FormData();
    form.set('files', file);
    const headers = { authorization: `Bearer ${this.token}` };
    const answer = await call(`${this.ticketing}/api/v1/attachments`, { method: 'POST', body: form, headers });
    return (answer as { id: string }).id;
  }

  async reply(number: string, text: string, attachments: readonly string[] = []): Promise<void> {
    await call(`${this.ticketing}/api/v1/tickets/${number}/replies`, {
      method: 'POST',
      body: { text, attachments },
      headers: { authorization: `Bearer ${this.token}`, 'idempotency-key': randomUUID() },
    });
  }

  /** Says that two customers are one: the first is known as the second from now on. */
  async mergeCustomers(id: string, into: string): Promise<void> {
    const headers = { authorization: `Bearer ${this.token}` };
    await call(`${this.ticketing}/api/v1/customers/${id}/merge`, { method: 'POST', body: { into }, headers });
  }

  /** Yesterday to tomorrow, so that no midnight falls into the demo. */
  async report(metrics: readonly string[]): Promise<Report> {
    const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
    const query = new URLSearchParams({ metrics: metrics.join(','), groupBy: 'channel', from: day(-1), to: day(2) });
    return (await this.get(`${this.reporting}/api/v1/reports?${query.toString()}`)) as Report;
  }

  /** @param from in milliseconds since 1970; minutes count as a whole */
  async ledger(from: number): Promise<Ledger> {
    const [since, until] = [from - (from % 60_000), Date.now() + 60_000].map((time) => new Date(time).toISOString());
    return (await this.get(`${this.reporting}/api/v1/ledger?from=${since}&to=${until}`)) as Ledger;
  }

  private get(url: string): Promise<unknown> {
    return call(url, { headers: { authorization: `Bearer ${this.token}` } });
  }
}

interface Request {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** JSON, or a form with files, there, JSON back; anything but a 2xx is an error that quotes the answer. */
export async function call(url: string, { method = 'GET', body, headers }: Request): Promise<unknown> {
  const isJson = body !== undefined && !(body instanceof FormData);
  const response = await fetch(url, {
    method,
    headers: { ...(isJson && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
