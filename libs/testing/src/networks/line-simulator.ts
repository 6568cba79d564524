import { createHmac, randomInt, randomUUID } from 'node:crypto';
import type { ProviderAnswer, ProviderRequest, Received } from '../provider-server.js';
import { ProviderSimulator } from '../provider-simulator.js';
import type { Webhook } from './webhooks.js';

interface LineAnswer {
  readonly to: string;
  readonly text: string;
}

const maxText = 5_000;
const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): ProviderAnswer => ({
  status,
  headers,
  body: JSON.stringify(body),
});

/**
 * LINE as an Official Account sees it: signed webhooks, the bytes of files, and pushes that are executed once under one retry key. Its events
 * have the members of the documented ones (line.documented.ts; a spec compares them).
 */
export class LineSimulator extends ProviderSimulator {
  /** What people have received. */
  readonly answers: LineAnswer[] = [];
  private readonly accepted = new Map<string, string>();
  private readonly files = new Map<string, Buffer>();
  private readonly destination = `U${randomUUID().replaceAll('-', '')}`;

  /** `api` is for the account's options `api` and `content`. */
  constructor(private readonly credentials: { readonly channelSecret: string; readonly channelAccessToken: string }) {
    super();
  }

  /** A person's id, as LINE makes them. */
  static person(): string {
    return `U${randomUUID().replaceAll('-', '')}`;
  }

  get received(): readonly Received[] {
    return this.answers;
  }

  text(userId: string, text: string): Webhook {
    return this.message(userId, { type: 'text', text });
  }

  file(userId: string, { name, bytes }: { readonly name: string; readonly bytes: Buffer }): Webhook {
    const id = newId();
    this.files.set(id, bytes);
    return this.message(userId, { type: 'file', fileName: name, fileSize: bytes.length, id });
  }

  unsend(userId: string, messageId: string): Webhook {
    return this.sign({
      destination: this.destination,
      events: [{ ...this.head(userId, 'unsend'), unsend: { messageId } }],
    });
  }

  /** What the console sends when the address is tried. */
  verify(): Webhook {
    return this.sign({ destination: this.destination, events: [] });
  }

  /** Source: developers.line.biz/en/docs/messaging-api/verify-webhook-signature. */
  sign(payload: object, secret = this.credentials.channelSecret): Webhook {
    const body = Buffer.from(JSON.stringify(payload));
    return { body, headers: { 'x-line-signature': createHmac('sha256', secret).update(body).digest('base64') } };
  }

  private message(userId: string, content: Readonly<Record<string, unknown>>): Webhook {
    const event = { ...this.head(userId, 'message'), replyToken: randomUUID(), message: { id: newId(), ...content } };
    return this.sign({ destination: this.destination, events: [event] });
  }

  private head(userId: string, type: string) {
    return {
      type,
      mode: 'active',
      timestamp: Date.now(),
      source: { type: 'user', userId },
      webhookEventId: randomUUID(),
      deliveryContext: { isRedelivery: false },
    };
  }

  protected override answer({ url, headers, bytes }: ProviderRequest): ProviderAnswer {
    if (headers.authorization !== `Bearer ${this.credentials.channelAccessToken}`) {
      return json(401, {
        message: 'Authentication failed. Confirm that the access token in the authorization header is valid.',
      });
    }
    const [, id] = /^\/v2\/bot\/message\/([^/]+)\/content$/.exec(url.pathname) ?? [];
    if (id !== undefined) {
      const file = this.files.get(id);
      return file === undefined ? json(404, { message: 'Not found' }) : { status: 200, body: file };
    }
    if (url.pathname !== '/v2/bot/message/push') return json(404, { message: 'Not found' });
    return this.push(String(headers['x-line-retry-key'] ?? ''), JSON.parse(bytes.toString()) as Push);
  }

  /** Source: developers.line.biz/en/docs/messaging-api/retrying-api-request. */
  private push(key: string, { to, messages }: Push): ProviderAnswer {
    const [{ text }] = messages;
    if (!/^[UCR][0-9a-f]{32}$/.test(to))
      return json(400, { message: "The property, 'to', in the request body is invalid" });
    if (text.length > maxText) return json(400, { message: 'The request body has 1 error(s)' });
    const before = this.accepted.get(key);
    if (before !== undefined) {
      return json(409, { message: 'The retry key is already accepted' }, { 'x-line-accepted-request-id': before });
    }
    this.accepted.set(key, randomUUID());
    this.answers.push({ to, text });
    return json(200, { sentMessages: [{ id: newId(), quoteToken: randomUUID() }] });
  }
}

interface Push {
  readonly to: string;
  readonly messages: readonly [{ readonly text: string }];
}

const newId = () => String(randomInt(1e14, 2e14));
