import { randomInt } from 'node:crypto';
import type { ProviderAnswer, ProviderRequest, Received } from '../provider-server.js';
import { ProviderSimulator } from '../provider-simulator.js';
import { type Multipart, readMultipart, type ReceivedFile } from './multipart.js';
import type { Webhook } from './webhooks.js';

// TypeScript's library does not know it yet. Source: ECMA-262, JSON.rawJSON.
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

export interface TelegramPerson {
  readonly id: number | bigint;
  readonly firstName: string;
}

/** What a person's Telegram shows of the bot. */
interface TelegramAnswer {
  readonly chatId: string;
  readonly messageId: number;
  readonly text: string;
  readonly repliesTo?: number;
  readonly files?: readonly ReceivedFile[];
}

const maxText = 4_096;
const maxCaption = 1_024;
const json = (status: number, body: object): ProviderAnswer => ({ status, body: JSON.stringify(body) });

/**
 * Telegram as a bot sees it: webhooks with the secret header, numbered without gaps, and the Bot API's sendMessage, getFile and downloads.
 * Its updates have the members of the documented ones (telegram.documented.ts; a spec compares them).
 */
export class TelegramSimulator extends ProviderSimulator {
  readonly answers: TelegramAnswer[] = [];
  /** People who have blocked the bot. */
  readonly blockedBy = new Set<string>();
  /** How many updates are left to deliver. */
  pending = 0;
  private readonly files = new Map<string, Buffer>();
  private updateId = randomInt(1, 1_000_000_000);
  private messageId = randomInt(1, 1_000_000);

  constructor(private readonly credentials: { readonly botToken: string; readonly secretToken: string }) {
    super();
  }

  /** Telegram's refusal of a request. Source: core.telegram.org/bots/api, "Making requests", "ResponseParameters". */
  static error(status: number, description: string, parameters?: { readonly retry_after: number }): ProviderAnswer {
    return json(status, { ok: false, error_code: status, description, ...(parameters && { parameters }) });
  }

  get received(): readonly Received[] {
    return this.answers.map(({ chatId, text, repliesTo }) => ({
      to: chatId,
      text,
      ...(repliesTo === undefined ? {} : { inReplyTo: String(repliesTo) }),
    }));
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

  /** Source: core.telegram.org/bots/api, "Making requests", "getFile", "sendMessage". */
  protected override async answer(request: ProviderRequest): Promise<ProviderAnswer> {
    const { url, bytes } = request;
    const { botToken } = this.credentials;
    if (url.pathname.startsWith(`/file/bot${botToken}/documents/`)) {
      const file = this.files.get(url.pathname.split('/').at(-1) ?? '');
      return file === undefined ? { status: 404 } : { status: 200, body: file };
    }
    switch (url.pathname) {
      case `/bot${botToken}/getFile`:
        return this.locate(url.searchParams.get('file_id') ?? '');
      case `/bot${botToken}/getWebhookInfo`:
        return this.tellOfWebhook();
      case `/bot${botToken}/sendMessage`:
        return this.take(JSON.parse(bytes.toString()) as SendMessage);
      case `/bot${botToken}/sendPhoto`:
      case `/bot${botToken}/sendDocument`:
      case `/bot${botToken}/sendMediaGroup`:
        return this.takeFiles(await readMultipart(request));
      default:
        return TelegramSimulator.error(401, 'Unauthorized');
    }
  }

  /** Members as core.telegram.org/bots/api, "WebhookInfo", has them. */
  private tellOfWebhook(): ProviderAnswer {
    const result = {
      url: 'https://example.org/hook',
      has_custom_certificate: false,
      pending_update_count: this.pending,
    };
    return json(200, { ok: true, result: { ...result, max_connections: 40 } });
  }

  private locate(id: string): ProviderAnswer {
    const file = this.files.get(id);
    if (file === undefined) return TelegramSimulator.error(400, 'Bad Request: wrong file_id');
    return json(200, { ok: true, result: { file_id: id, file_size: file.length, file_path: `documents/${id}` } });
  }

  /** Source: core.telegram.org/bots/api, "sendDocument", "sendMediaGroup", "InputMediaDocument". */
  private takeFiles({ fields, files }: Multipart): ProviderAnswer {
    const media = JSON.parse(fields['media'] ?? '[]') as readonly {
      readonly media: string;
      readonly caption?: string;
    }[];
    const names = media.map((one) => one.media.replace('attach://', ''));
    const named = names.length > 0 ? names : Object.keys(files);
    const received = named.flatMap((name) => files[name] ?? []);
    if (received.length === 0 || received.length !== Object.keys(files).length || received.length > 10) {
      return TelegramSimulator.error(400, 'Bad Request: there is no document in the request');
    }
    const text = fields['caption'] ?? media[0]?.caption ?? '';
    if (text.length > maxCaption) return TelegramSimulator.error(400, 'Bad Request: message caption is too long');
    const { chat_id = '', reply_parameters } = fields;
    if (!/^-?\d+$/.test(chat_id)) return TelegramSimulator.error(400, 'Bad Request: chat not found');
    const messageId = ++this.messageId;
    const repliesTo = (JSON.parse(reply_parameters ?? '{}') as { message_id?: number }).message_id;
    this.answers.push({
      ...{ chatId: chat_id, messageId, text, files: received },
      ...(repliesTo === undefined ? {} : { repliesTo }),
    });
    const result = { message_id: messageId, date: Math.floor(Date.now() / 1000), chat: { id: Number(chat_id) } };
    return json(200, { ok: true, result: media.length > 0 ? [result] : result });
  }

  private take({ chat_id, text, reply_parameters }: SendMessage): ProviderAnswer {
    if (!/^-?\d+$/.test(chat_id)) return TelegramSimulator.error(400, 'Bad Request: chat not found');
    if (this.blockedBy.has(chat_id)) return TelegramSimulator.error(403, 'Forbidden: bot was blocked by the user');
    if (text === '') return TelegramSimulator.error(400, 'Bad Request: message text is empty');
    if (text.length > maxText) return TelegramSimulator.error(400, 'Bad Request: message is too long');
    const messageId = ++this.messageId;
    const repliesTo = reply_parameters?.message_id;
    this.answers.push({ chatId: chat_id, messageId, text, ...(repliesTo === undefined ? {} : { repliesTo }) });
    const date = Math.floor(Date.now() / 1000);
    return json(200, {
      ok: true,
      result: { message_id: messageId, date, chat: { id: Number(chat_id), type: 'private' }, text },
    });
  }
}

interface SendMessage {
  readonly chat_id: string;
  readonly text: string;
  readonly reply_parameters?: { readonly message_id: number };
}
