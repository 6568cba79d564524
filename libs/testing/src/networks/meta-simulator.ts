import { createHmac, randomInt, randomUUID } from 'node:crypto';
import type { ProviderAnswer, ProviderRequest, Received } from '../provider-server.js';
import { ProviderSimulator } from '../provider-simulator.js';
import { type DirectUpdate, MetaConversations } from './meta-conversations.js';
import { type MetaAnswer, type Posted, takeAnswer } from './meta-send.js';
import { isMultipart, readMultipart, type ReceivedFile } from './multipart.js';
import { deliverWebhooks, type Webhook } from './webhooks.js';

type Members = Readonly<Record<string, unknown>>;

/** An update and the object and entry that it belongs to; several make one webhook. */
export interface MetaUpdate {
  readonly object: 'page' | 'instagram' | 'whatsapp_business_account';
  readonly entry: Members;
}

/**
 * Meta as webhooks and files see it: Messenger, page comments, Instagram, WhatsApp, and the Graph API's look-up of files. Its updates
 * have the members of the documented ones (meta.documented.ts; a spec compares them), and are signed as documented.
 */
export class MetaSimulator extends ProviderSimulator {
  /** What people have received. */
  readonly answers: MetaAnswer[] = [];
  /** What WhatsApp was given and no message has named yet, or has. */
  readonly uploads = new Map<string, ReceivedFile>();
  private readonly files = new Map<string, { readonly type: string; readonly bytes: Buffer }>();
  /** Authors of comments, by the comment's id. */
  private readonly authors = new Map<string, string>();
  /** What has been said in messages, whether or not its webhooks arrive. */
  readonly conversations = new MetaConversations();
  private reportTo: string | undefined;

  constructor(private readonly app: { readonly appSecret: string; readonly accessToken: string }) {
    super();
  }

  get received(): readonly Received[] {
    return this.answers.map(({ from, to, text }) => ({ from, to, text }));
  }

  /** From now on what is sent by the API is told to this webhook: messages as echoes, WhatsApp's as statuses, twice and out of order. */
  reportEverything(url: string): void {
    this.reportTo = url;
  }

  /** Graph's refusal. Source: developers.facebook.com/docs/graph-api/guides/error-handling. */
  static error(
    status: number,
    code: number,
    subcode?: number,
    headers: Readonly<Record<string, string>> = {},
  ): ProviderAnswer {
    const error = { message: `(#${code})`, type: 'OAuthException', code, fbtrace_id: 'A' };
    const whole = subcode === undefined ? error : { ...error, error_subcode: subcode };
    return { status, headers, body: JSON.stringify({ error: whole }) };
  }

  /** One webhook of several updates of one object. */
  webhook(...updates: readonly MetaUpdate[]): Webhook {
    return this.sign({ object: updates[0]?.object, entry: updates.map(({ entry }) => entry) });
  }

  sign(payload: unknown): Webhook {
    // As Meta writes letters beyond ASCII: a signature over re-serialized text would not fit.
    const text = JSON.stringify(payload).replace(
      /[\u0080-\uffff]/g,
      (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    const body = Buffer.from(text);
    const mac = createHmac('sha256', this.app.appSecret).update(body).digest('hex');
    return { body, headers: { 'x-hub-signature-256': `sha256=${mac}` } };
  }

  messenger(page: string, from: string, text: string): MetaUpdate {
    const message = { mid: `m_${randomUUID()}`, text, quick_reply: { payload: 'CHOICE' } };
    return this.messaging('page', page, { sender: { id: from }, recipient: { id: page }, message });
  }

  /** A colleague answers in Meta's own inbox. */
  echo(page: string, to: string, text: string): MetaUpdate {
    const message = { mid: `m_${randomUUID()}`, text, is_echo: true, app_id: 263902037430900 };
    return this.messaging('page', page, { sender: { id: page }, recipient: { id: to }, message });
  }

  /** That messages have come, by their ids. */
  delivered(page: string, from: string, ...mids: readonly string[]): MetaUpdate {
    const delivery = { mids, watermark: Date.now() };
    const told = { sender: { id: from }, recipient: { id: page }, delivery };
    return { object: 'page', entry: { id: page, time: Date.now(), messaging: [told] } };
  }

  /** That everything was read until now. */
  read(page: string, from: string): MetaUpdate {
    const read = { watermark: Date.now() };
    return this.messaging('page', page, { sender: { id: from }, recipient: { id: page }, read });
  }

  instagram(account: string, from: string, text: string): MetaUpdate {
    const message = { mid: `aWc_${randomUUID()}`, text };
    return this.messaging('instagram', account, { sender: { id: from }, recipient: { id: account }, message });
  }

  comment(page: string, from: string, text: string, over: Members = {}): MetaUpdate {
    const post_id = `${page}_${randomInt(1e9)}`;
    const value = {
      item: 'comment',
      verb: 'add',
      comment_id: `${randomInt(1e9)}_${randomInt(1e9)}`,
      parent_id: post_id,
      post_id,
      created_time: Math.floor(Date.now() / 1000),
      message: text,
      from: { id: from, name: 'Người Thử' },
      ...over,
    };
    this.authors.set(value.comment_id, from);
    const time = Math.floor(Date.now() / 1000);
    return { object: 'page', entry: { id: page, time, changes: [{ field: 'feed', value }] } };
  }

  whatsApp(number: string, from: string, text: string): MetaUpdate {
    return this.whatsAppMessage(number, from, { type: 'text', text: { body: text } });
  }

  whatsAppFile(number: string, from: string, file: { readonly type: string; readonly bytes: Buffer }): MetaUpdate {
    const id = String(randomInt(1e12));
    this.files.set(id, file);
    return this.whatsAppMessage(number, from, {
      type: 'document',
      document: { id, mime_type: file.type, filename: 'tệp' },
    });
  }

  /** The echo of something that was sent by the API, as its webhook tells it. */
  echoOf(page: string, { id, to, text, metadata }: MetaAnswer): MetaUpdate {
    const message = { mid: id, text, is_echo: true, app_id: 1, ...(metadata === undefined ? {} : { metadata }) };
    // Ids of Instagram's accounts begin like this.
    const object = page.startsWith('1784') ? 'instagram' : 'page';
    return this.messaging(object, page, { sender: { id: page }, recipient: { id: to }, message });
  }

  /** What became of a message on WhatsApp. Source: developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status. */
  whatsAppStatus(number: string, { id, to, metadata }: MetaAnswer, status: string, errorCode?: number): MetaUpdate {
    const one = {
      id,
      status,
      timestamp: String(Math.floor(Date.now() / 1000)),
      recipient_id: to,
      ...(metadata === undefined ? {} : { biz_opaque_callback_data: metadata }),
      ...(errorCode === undefined ? {} : { errors: [{ code: errorCode, title: 'x', message: 'x' }] }),
    };
    return this.whatsAppChange(number, { statuses: [one] });
  }

  private messaging(object: MetaUpdate['object'], id: string, update: Members): MetaUpdate {
    const time = Date.now();
    if ('message' in update) this.conversations.add(id, update as unknown as DirectUpdate, time);
    return { object, entry: { id, time, messaging: [{ ...update, timestamp: time }] } };
  }

  private whatsAppMessage(number: string, from: string, content: Members): MetaUpdate {
    const timestamp = String(Math.floor(Date.now() / 1000));
    return this.whatsAppChange(number, {
      contacts: [{ profile: { name: 'Người Thử' }, wa_id: from }],
      messages: [{ from, id: `wamid.${randomUUID()}`, timestamp, ...content }],
    });
  }

  private whatsAppChange(number: string, change: Members): MetaUpdate {
    const metadata = { display_phone_number: '842411112222', phone_number_id: number };
    const value = { messaging_product: 'whatsapp', metadata, ...change };
    return {
      object: 'whatsapp_business_account',
      entry: { id: '102290129340398', changes: [{ field: 'messages', value }] },
    };
  }

  private async take(from: string, edge: string, request: ProviderRequest): Promise<ProviderAnswer> {
    const before = this.answers.length;
    const answered = takeAnswer(from, edge, await postedIn(request), this);
    const [taken] = this.answers.slice(before);
    if (taken !== undefined && edge === 'messages' && this.reportTo !== undefined) {
      const updates = taken.id.startsWith('wamid.')
        ? ['delivered', 'sent', 'read'].map((status) => this.whatsAppStatus(from, taken, status))
        : [this.echoOf(from, taken)];
      const webhooks = updates.map((update) => this.webhook(update));
      this.server.tell(deliverWebhooks(this.reportTo, webhooks, { times: 2, pauseMs: 500 }));
    }
    return answered;
  }

  /** Source: developers.facebook.com/docs/whatsapp/cloud-api/reference/media, …/docs/graph-api/reference/comment. */
  protected override async answer(request: ProviderRequest): Promise<ProviderAnswer> {
    const { method, url, headers } = request;
    if (headers.authorization !== `Bearer ${this.app.accessToken}`) return MetaSimulator.error(401, 190);
    const [, first = '', second = ''] = url.pathname.split('/').map(decodeURIComponent);
    if (method === 'POST') return await this.take(first, second, request);
    if (second === 'conversations' || second === 'messages')
      return this.conversations.answer(first, second, url.searchParams);
    const author = this.authors.get(first);
    if (author !== undefined) return { status: 200, body: JSON.stringify({ id: first, from: { id: author } }) };
    const file = this.files.get(first === 'files' ? second : first);
    if (file === undefined) return MetaSimulator.error(404, 100);
    if (first === 'files') return { status: 200, body: file.bytes };
    const found = { url: `${this.api}/files/${first}`, mime_type: file.type, id: first };
    return { status: 200, body: JSON.stringify(found) };
  }
}

async function postedIn(request: ProviderRequest): Promise<Posted> {
  if (!isMultipart(request)) return { body: JSON.parse(request.bytes.toString()) };
  const { fields, files } = await readMultipart(request);
  const parsed = Object.entries(fields).map(([name, text]): readonly [string, unknown] => [
    name,
    text.startsWith('{') ? JSON.parse(text) : text,
  ]);
  return { body: Object.fromEntries(parsed), file: files['filedata'] ?? files['file'] };
}
