import { createHash, randomUUID } from 'node:crypto';
import {
  type Fault,
  type ProviderAnswer,
  type ProviderRequest,
  ProviderServer,
  type Received,
} from '../provider-server.js';
import { type Multipart, readMultipart, type ReceivedFile } from './multipart.js';
import { deliverWebhooks, type Webhook } from './webhooks.js';

export interface ZaloApp {
  readonly appId: string;
  readonly oaSecretKey: string;
  /** The Official Account. */
  readonly oaId: string;
  /** For signing in, where answers are sent. */
  readonly appSecret?: string;
  /** The one that somebody got by signing in. */
  readonly refreshToken?: string;
}

interface ZaloAnswer {
  readonly messageId: string;
  readonly userId: string;
  readonly text: string;
  readonly file?: ReceivedFile;
}

interface ZaloMessage {
  readonly text?: string;
  readonly attachment?: {
    readonly payload: { readonly token?: string; readonly elements?: readonly { readonly attachment_id: string }[] };
  };
}

/** What is good now; the refresh token for one use. */
export interface ZaloTokens {
  readonly refreshToken: string;
  readonly accessToken: string;
}

/** Only a connection that nobody took makes Zalo come again. Source: developers.zalo.me/docs/official-account/webhook. */
export const isRetriedByZalo = (status: number): boolean => status === 0;

const accessSeconds = 90_000;
const json = (body: object): ProviderAnswer => ({ status: 200, body: JSON.stringify(body) });

/**
 * Zalo as an Official Account sees it: webhooks, messages sent, and refresh tokens that are good for one use. Its events have the members of the documented ones (zalo.documented.ts; a spec
 * compares them), and are signed as documented.
 */
export class ZaloSimulator {
  /** What people have received. */
  readonly answers: ZaloAnswer[] = [];
  /** Refresh tokens that were asked with, in order. */
  readonly exchanges: string[] = [];
  /** A used one is refused for ever. */
  private refreshToken: string | undefined;
  private accessToken: string | undefined;
  private readonly files = new Map<string, ReceivedFile>();
  private echoTo: string | undefined;
  private readonly messaging = new ProviderServer(
    (request) => this.takeMessage(request),
    () => this.received,
  );
  private readonly signingIn = new ProviderServer(
    (request) => this.exchange(request),
    () => [],
  );

  /** @param tokens those of a former life, kept by `keep` before anybody was told of them. */
  constructor(
    private readonly app: ZaloApp,
    tokens?: ZaloTokens,
    private readonly keep: (tokens: ZaloTokens) => void = () => undefined,
  ) {
    this.refreshToken = tokens?.refreshToken ?? app.refreshToken;
    this.accessToken = tokens?.accessToken;
  }

  get received(): readonly Received[] {
    return this.answers.map(({ userId, text }) => ({ to: userId, text }));
  }

  /** Where the account's API is (option `api`), and where people sign in (option `oauth`). */
  async listen(ports: { readonly api?: number; readonly oauth?: number } = {}): Promise<{
    readonly api: string;
    readonly oauth: string;
  }> {
    await Promise.all([this.messaging.listen(ports.api), this.signingIn.listen(ports.oauth)]);
    return { api: this.messaging.url, oauth: this.signingIn.url };
  }

  async close(): Promise<void> {
    await Promise.all([this.messaging.close(), this.signingIn.close()]);
  }

  /** From now on every message sent by the API is told to this webhook as well, without an admin_id. */
  echoEverything(url: string): void {
    this.echoTo = url;
  }

  failNext(what: 'message' | 'exchange', ...faults: readonly Fault[]): void {
    (what === 'message' ? this.messaging : this.signingIn).failNext(...faults);
  }

  /** A person signs in again. */
  signIn(refreshToken: string): void {
    this.refreshToken = refreshToken;
  }

  /** HTTP 200, as Zalo fails. Source: developers.zalo.me/docs/official-account/phu-luc/ma-loi. */
  static error(error: number, message = 'error'): ProviderAnswer {
    return json({ error, message });
  }

  revokeAccess(): void {
    this.accessToken = undefined;
  }

  /** Source: developers.zalo.me/docs/official-account/tin-nhan/tin-tu-van/gui-tin-tu-van-dang-van-ban. */
  private async takeMessage(request: ProviderRequest): Promise<ProviderAnswer> {
    const { url, headers, bytes } = request;
    const isUpload = /^\/v2\.0\/oa\/upload\/(image|gif|file)$/.test(url.pathname);
    if (!isUpload && url.pathname !== '/v3.0/oa/message/cs') return ZaloSimulator.error(-209, 'api not supported');
    if (this.accessToken === undefined || headers['access_token'] !== this.accessToken) {
      return ZaloSimulator.error(-216, 'Access token is invalid');
    }
    if (isUpload) return this.takeFile(await readMultipart(request), url.pathname.endsWith('/file'));
    const body = JSON.parse(bytes.toString()) as { recipient: { user_id: string }; message: ZaloMessage };
    const { user_id: userId } = body.recipient;
    const { text = '', attachment } = body.message;
    const { token, elements } = attachment?.payload ?? {};
    const file = this.files.get(token ?? elements?.[0]?.attachment_id ?? '');
    if (attachment !== undefined && (file === undefined || (token !== undefined && text !== ''))) {
      return ZaloSimulator.error(-201, 'attachment is invalid');
    }
    if (text.length > 2_000) return ZaloSimulator.error(-210, 'message.text exceeds the limit');
    const messageId = randomUUID();
    this.answers.push({ messageId, userId, text, ...(file === undefined ? {} : { file }) });
    if (this.echoTo !== undefined) {
      const echo = this.echo(userId, text, undefined, messageId);
      this.messaging.tell(deliverWebhooks(this.echoTo, [echo], { isRetried: isRetriedByZalo, pauseMs: 500 }));
    }
    return json({ data: { message_id: messageId, user_id: userId }, error: 0, message: 'Success' });
  }

  /** Source: developers.zalo.me/docs/official-account/quan-ly/quan-ly-thong-tin-oa/upload-hinh-anh, …/upload-file. */
  private takeFile({ files: { file } }: Multipart, isDocument: boolean): ProviderAnswer {
    if (file === undefined) return ZaloSimulator.error(-201, 'file is invalid');
    const id = randomUUID();
    this.files.set(id, file);
    return json({ data: isDocument ? { token: id } : { attachment_id: id }, error: 0, message: 'Success' });
  }

  /** Source: developers.zalo.me/docs/official-account/bat-dau/xac-thuc-va-uy-quyen-cho-ung-dung-new. */
  private exchange({ headers, bytes }: ProviderRequest): ProviderAnswer {
    const fields = new URLSearchParams(bytes.toString());
    const given = fields.get('refresh_token') ?? '';
    this.exchanges.push(given);
    const isKnown = headers['secret_key'] === this.app.appSecret && fields.get('app_id') === this.app.appId;
    if (!isKnown || fields.get('grant_type') !== 'refresh_token' || given !== this.refreshToken) {
      return json({ error: -14014, error_name: 'Invalid refresh token', error_description: 'Invalid refresh token' });
    }
    this.accessToken = randomUUID();
    this.refreshToken = randomUUID();
    this.keep({ refreshToken: this.refreshToken, accessToken: this.accessToken });
    const expires_in = String(accessSeconds);
    return json({ access_token: this.accessToken, refresh_token: this.refreshToken, expires_in });
  }

  /** What a new address is asked with: nothing, unsigned. */
  probe(): Webhook {
    return { body: Buffer.from('{}'), headers: {} };
  }

  /** @param at when the person wrote. */
  text(userId: string, text: string, at: Date = new Date()): Webhook {
    return this.fromUser(userId, 'user_send_text', { text, msg_id: randomUUID() }, at);
  }

  image(userId: string, url: string, text = ''): Webhook {
    const attachments = [{ payload: { thumbnail: url, url }, type: 'image' }];
    return this.fromUser(userId, 'user_send_image', { text, msg_id: randomUUID(), attachments });
  }

  /** A colleague answers in Zalo's own console; without `adminId` an app or the account itself did. */
  echo(userId: string, text: string, adminId?: string, messageId: string = randomUUID()): Webhook {
    return this.sign({
      app_id: this.app.appId,
      sender: { id: this.app.oaId, ...(adminId === undefined ? {} : { admin_id: adminId }) },
      recipient: { id: userId },
      event_name: 'oa_send_text',
      message: { text, msg_id: messageId },
      user_id_by_app: `by-app-${userId}`,
      timestamp: String(Date.now()),
    });
  }

  /** That a message of the account's has come; it may be told before the call that sent it is answered. */
  arrived(userId: string, messageId: string): Webhook {
    return this.ofOurs(userId, 'user_received_message', { msg_id: messageId });
  }

  seen(userId: string, ...messageIds: readonly string[]): Webhook {
    return this.ofOurs(userId, 'user_seen_message', { msg_ids: messageIds });
  }

  withdrawal(userId: string): Webhook {
    return this.ofUser(userId, 'user_withdraw', { user_id_by_app: `by-app-${userId}` });
  }

  call(userId: string, talkMs: number): Webhook {
    return this.ofUser(userId, 'user_call_oa', {
      call_id: randomUUID(),
      call_type: 'AUDIO',
      init_time: Date.now() - talkMs - 5_000,
      call_duration: talkMs + 5_000,
      waiting_time: 5,
      talk_time: talkMs,
      status_code: 0,
    });
  }

  sign(event: Readonly<Record<string, unknown>>): Webhook {
    const body = Buffer.from(JSON.stringify(event));
    return { body, headers: { 'x-zevent-signature': `mac=${this.macOf(body, String(event['timestamp']))}` } };
  }

  /** sha256(appId + body + timestamp + OA secret key). Source: developers.zalo.me/docs/official-account/webhook. */
  macOf(body: Buffer, timestamp: string): string {
    const { appId, oaSecretKey } = this.app;
    return createHash('sha256').update(appId).update(body).update(timestamp).update(oaSecretKey).digest('hex');
  }

  private fromUser(userId: string, name: string, message: Readonly<Record<string, unknown>>, at = new Date()): Webhook {
    return this.sign({
      app_id: this.app.appId,
      sender: { id: userId },
      user_id_by_app: `by-app-${userId}`,
      recipient: { id: this.app.oaId },
      event_name: name,
      message,
      timestamp: String(at.getTime()),
    });
  }

  private ofOurs(userId: string, name: string, message: Readonly<Record<string, unknown>>): Webhook {
    const { appId, oaId } = this.app;
    const timestamp = String(Date.now());
    return this.sign({
      ...{ app_id: appId, sender: { id: oaId }, recipient: { id: userId }, event_name: name, message, timestamp },
    });
  }

  private ofUser(userId: string, name: string, members: Readonly<Record<string, unknown>>): Webhook {
    const { appId, oaId } = this.app;
    return this.sign({
      app_id: appId,
      oa_id: oaId,
      user_id: userId,
      event_name: name,
      ...members,
      timestamp: String(Date.now()),
    });
  }
}
