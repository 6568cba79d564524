import { createHash, randomUUID } from 'node:crypto';
import type { Webhook } from './webhooks.js';

export interface ZaloApp {
  readonly appId: string;
  readonly oaSecretKey: string;
  /** The Official Account. */
  readonly oaId: string;
}

/**
 * Zalo as an Official Account's webhook sees it. Its events have the members of the documented ones (zalo.documented.ts; a spec
 * compares them), and are signed as documented.
 */
export class ZaloSimulator {
  constructor(private readonly app: ZaloApp) {}

  /** What a new address is asked with: nothing, unsigned. */
  probe(): Webhook {
    return { body: Buffer.from('{}'), headers: {} };
  }

  text(userId: string, text: string, messageId: string = randomUUID()): Webhook {
    return this.fromUser(userId, 'user_send_text', { text, msg_id: messageId });
  }

  image(userId: string, url: string, text = ''): Webhook {
    const attachments = [{ payload: { thumbnail: url, url }, type: 'image' }];
    return this.fromUser(userId, 'user_send_image', { text, msg_id: randomUUID(), attachments });
  }

  /** A colleague answers in Zalo's own console; without `adminId` an app or the account itself did. */
  echo(userId: string, text: string, adminId?: string): Webhook {
    return this.sign({
      app_id: this.app.appId,
      sender: { id: this.app.oaId, ...(adminId === undefined ? {} : { admin_id: adminId }) },
      recipient: { id: userId },
      event_name: 'oa_send_text',
      message: { text, msg_id: randomUUID() },
      user_id_by_app: `by-app-${userId}`,
      timestamp: String(Date.now()),
    });
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

  private fromUser(userId: string, name: string, message: Readonly<Record<string, unknown>>): Webhook {
    return this.sign({
      app_id: this.app.appId,
      sender: { id: userId },
      user_id_by_app: `by-app-${userId}`,
      recipient: { id: this.app.oaId },
      event_name: name,
      message,
      timestamp: String(Date.now()),
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
