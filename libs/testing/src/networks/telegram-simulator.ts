import { randomInt } from 'node:crypto';
import { type LocalServer, startLocalServer } from './local-server.js';
import type { Webhook } from './webhooks.js';

// TypeScript's library does not know it yet. Source: ECMA-262, JSON.rawJSON.
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

export interface TelegramPerson {
  readonly id: number | bigint;
  readonly firstName: string;
}

/**
 * Telegram as a bot sees it: webhooks with the secret header, numbered without gaps, and the Bot API's getFile and downloads.
 * Its updates have the members of the documented ones (telegram.documented.ts; a spec compares them).
 */
export class TelegramSimulator {
  private readonly files = new Map<string, Buffer>();
  private updateId = randomInt(1, 1_000_000_000);
  private messageId = randomInt(1, 1_000_000);

  private constructor(
    private readonly credentials: { readonly botToken: string; readonly secretToken: string },
    private readonly server: LocalServer,
  ) {}

  static async start(credentials: {
    readonly botToken: string;
    readonly secretToken: string;
  }): Promise<TelegramSimulator> {
    const held: { simulator?: TelegramSimulator } = {};
    const server = await startLocalServer((request, response) => {
      const [status, body] = held.simulator?.answer(request.url ?? '') ?? [503, ''];
      response.writeHead(status).end(body);
    });
    held.simulator = new TelegramSimulator(credentials, server);
    return held.simulator;
  }

  /** Where the Bot API is, for the account's option `api`. */
  get api(): string {
    return this.server.url;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  text(from: TelegramPerson, text: string): Webhook {
    return this.update('message', { ...this.head(from), text });
  }

  edit(from: TelegramPerson, messageId: number, text: string): Webhook {
    const edit_date = Math.floor(Date.now() / 1000);
    return this.update('edited_message', { ...this.head(from), message_id: messageId, text, edit_date });
  }

  document(
    from: TelegramPerson,
    file: { readonly name: string; readonly type: string; readonly bytes: Buffer },
  ): Webhook {
    const file_id = `BQAC${this.files.size}_${randomInt(1e9)}`;
    this.files.set(file_id, file.bytes);
    const document = { file_id, file_name: file.name, mime_type: file.type, file_size: file.bytes.length };
    return this.update('message', { ...this.head(from), document });
  }

  /** Leaves a gap, as a lost update does. */
  skip(count: number): void {
    this.updateId += count;
  }

  private head(from: TelegramPerson) {
    const person = { id: from.id, first_name: from.firstName, last_name: 'Thử', username: 'thu' };
    return {
      date: Math.floor(Date.now() / 1000),
      chat: { ...person, type: 'private' },
      message_id: ++this.messageId,
      from: person,
    };
  }

  private update(type: string, content: Record<string, unknown>): Webhook {
    // Ids beyond 2^53 are digits on the wire.
    const digits = (_key: string, value: unknown) => (typeof value === 'bigint' ? rawJson(String(value)) : value);
    const update = JSON.stringify({ update_id: ++this.updateId, [type]: content }, digits);
    return {
      body: Buffer.from(update),
      headers: { 'x-telegram-bot-api-secret-token': this.credentials.secretToken },
    };
  }

  /** Source: core.telegram.org/bots/api, "Making requests", "getFile". */
  private answer(url: string): [status: number, body: Buffer | string] {
    const { botToken } = this.credentials;
    const asked = new URL(url, 'http://localhost');
    if (asked.pathname.startsWith(`/file/bot${botToken}/documents/`)) {
      const file = this.files.get(asked.pathname.split('/').at(-1) ?? '');
      return file === undefined ? [404, ''] : [200, file];
    }
    if (asked.pathname !== `/bot${botToken}/getFile`) {
      return [401, JSON.stringify({ ok: false, error_code: 401, description: 'Unauthorized' })];
    }
    const id = asked.searchParams.get('file_id') ?? '';
    const file = this.files.get(id);
    if (file === undefined) {
      return [400, JSON.stringify({ ok: false, error_code: 400, description: 'Bad Request: wrong file_id' })];
    }
    const result = { file_id: id, file_size: file.length, file_path: `documents/${id}` };
    return [200, JSON.stringify({ ok: true, result })];
  }
}
