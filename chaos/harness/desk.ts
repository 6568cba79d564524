import { randomUUID } from 'node:crypto';

interface Acknowledgements {
  /** A status that the API said yes to: the fact right behind `sequence` must say so. */
  readonly statuses: { readonly ticketId: string; readonly sequence: number; readonly status: string }[];
  readonly notes: string[];
  readonly replies: { readonly id: string; readonly ticketId: string }[];
}

interface DeskOptions {
  readonly url: string;
  readonly token: string;
  readonly numbers: readonly string[];
  readonly onReply: (reply: { readonly id: string; readonly ticketId: string }) => Promise<void>;
}

interface Ticket {
  readonly id: string;
  readonly status: string;
}

/** An agent in a hurry: changes, notes and answers on random tickets, one after the other, keeping all that was acknowledged. */
export class Desk {
  readonly acknowledged: Acknowledgements = { statuses: [], notes: [], replies: [] };
  /** Answers by status code. */
  readonly answers = new Map<number, number>();
  private running = true;
  private readonly loop: Promise<void>;

  constructor(private readonly options: DeskOptions) {
    this.loop = this.work();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.loop;
  }

  private async work(): Promise<void> {
    const { numbers } = this.options;
    const steps = [this.changeStatus, this.note, this.changeStatus, this.reply];
    for (let turn = 0; this.running; turn++) {
      const number = numbers[Math.floor(Math.random() * numbers.length)] ?? '';
      const response = await this.ask(`tickets/${number}`, 'GET');
      const ticket = (await response.json()) as Ticket;
      const step = steps[turn % steps.length];
      if (response.ok) await step?.call(this, number, ticket, response.headers.get('etag') ?? '');
    }
  }

  private async changeStatus(number: string, ticket: Ticket, etag: string): Promise<void> {
    const status = ['pending', 'on_hold', 'open'].find((one) => one !== ticket.status && Math.random() < 0.5);
    if (status === undefined) return;
    const response = await this.ask(`tickets/${number}`, 'PATCH', { status }, { 'if-match': etag });
    await response.arrayBuffer();
    const sequence = Number(/\d+/.exec(etag)?.[0]);
    if (response.ok) this.acknowledged.statuses.push({ ticketId: ticket.id, sequence, status });
  }

  private async note(number: string): Promise<void> {
    const response = await this.ask(`tickets/${number}/notes`, 'POST', { text: 'Đã gọi lại cho khách.' });
    const { id } = (await response.json()) as { id: string };
    if (response.ok) this.acknowledged.notes.push(id);
  }

  private async reply(number: string, { id: ticketId }: Ticket): Promise<void> {
    const response = await this.ask(`tickets/${number}/replies`, 'POST', { text: 'Chúng tôi đang kiểm tra.' });
    const { id } = (await response.json()) as { id: string };
    if (!response.ok) return;
    this.acknowledged.replies.push({ id, ticketId });
    await this.options.onReply({ id, ticketId });
  }

  private async ask(
    path: string,
    method: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const response = await fetch(`${this.options.url}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.options.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    this.answers.set(response.status, (this.answers.get(response.status) ?? 0) + 1);
    return response;
  }
}
