import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { type LocalServer, startLocalServer } from './local-server.js';
import type { Webhook } from './webhooks.js';

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
export class MetaSimulator {
  private readonly files = new Map<string, { readonly type: string; readonly bytes: Buffer }>();

  private constructor(
    private readonly app: { readonly appSecret: string; readonly accessToken: string },
    private readonly server: LocalServer,
  ) {}

  static async start(app: { readonly appSecret: string; readonly accessToken: string }): Promise<MetaSimulator> {
    const held: { simulator?: MetaSimulator } = {};
    const server = await startLocalServer((request, response) => {
      const [status, body] = held.simulator?.answer(request.url ?? '', request.headers.authorization) ?? [503, ''];
      response.writeHead(status).end(body);
    });
    held.simulator = new MetaSimulator(app, server);
    return held.simulator;
  }

  /** Where the Graph API is, for the account's option `api`. */
  get api(): string {
    return this.server.url;
  }

  close(): Promise<void> {
    return this.server.close();
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

  private messaging(object: MetaUpdate['object'], id: string, update: Members): MetaUpdate {
    const time = Date.now();
    return { object, entry: { id, time, messaging: [{ ...update, timestamp: time }] } };
  }

  private whatsAppMessage(number: string, from: string, content: Members): MetaUpdate {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const value = {
      messaging_product: 'whatsapp',
      metadata: { display_phone_number: '842411112222', phone_number_id: number },
      contacts: [{ profile: { name: 'Người Thử' }, wa_id: from }],
      messages: [{ from, id: `wamid.${randomUUID()}`, timestamp, ...content }],
    };
    return {
      object: 'whatsapp_business_account',
      entry: { id: '102290129340398', changes: [{ field: 'messages', value }] },
    };
  }

  /** Source: developers.facebook.com/docs/whatsapp/cloud-api/reference/media. */
  private answer(url: string, authorization: string | undefined): [status: number, body: Buffer | string] {
    if (authorization !== `Bearer ${this.app.accessToken}`) return [401, JSON.stringify({ error: { code: 190 } })];
    const [, first = '', second = ''] = url.split('/');
    const file = this.files.get(first === 'files' ? second : first);
    if (file === undefined) return [404, JSON.stringify({ error: { code: 100 } })];
    if (first === 'files') return [200, file.bytes];
    return [200, JSON.stringify({ url: `${this.api}/files/${first}`, mime_type: file.type, id: first })];
  }
}
