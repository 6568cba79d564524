import { randomInt, randomUUID } from 'node:crypto';
import { MetaSimulator, postWebhook, TelegramSimulator, TwilioSimulator, type Webhook, ZaloSimulator } from '#testing';
import type { Accounts } from '../../bench/harness/words.js';
import { secretsOf } from '../../tools/platform/stack.js';

/** A webhook with the provider's own bytes, that can be sent again and again; answers the status. */
export type Delivery = () => Promise<number>;

export interface NetworkCustomers {
  readonly deliveries: readonly Delivery[];
  /** Messages that people ought to see of each channel, and tickets. */
  readonly messages: number;
  readonly tickets: number;
  /** Texts that edits left behind; what they replaced is never to be seen. */
  readonly edited: readonly string[];
}

const digits = (beginning: string, count: number) =>
  `${beginning}${Array.from({ length: count }, () => randomInt(1, 10)).join('')}`;
const editedAfterMs = 30_000;

/** On every channel of config/channels.yaml that comes by webhook, so many people who write twice; on two of them they edit the first. */
export function networkCustomers(accounts: Accounts, perChannel: number, at: Date): NetworkCustomers {
  const { channels } = accounts;
  const address = (wanted: string) => channels.find(({ channel }) => channel === wanted)?.address ?? '';
  const later = new Date(at.getTime() + editedAfterMs);

  const telegram = new TelegramSimulator(secretsOf<'botToken' | 'secretToken'>(accounts, 'telegram'));
  const zalo = new ZaloSimulator({ ...secretsOf<'appId' | 'oaSecretKey'>(accounts, 'zalo'), oaId: address('zalo') });
  const meta = new MetaSimulator(secretsOf<'appSecret' | 'accessToken'>(accounts, 'meta'));
  const twilio = new TwilioSimulator(secretsOf<'accountSid' | 'authToken'>(accounts, 'twilio'));
  const edited: string[] = [];
  const edit = () => {
    edited.push(`Sửa lại ${randomUUID()}`);
    return edited.at(-1) ?? '';
  };
  const texts = () => [`Mạng chậm quá. ${randomUUID()}`, `Bao giờ có người đến? ${randomUUID()}`] as const;

  const social: Readonly<Record<string, () => readonly Webhook[]>> = {
    telegram: () => {
      const person = { id: randomInt(1e9, 2e9), firstName: 'Lan' };
      const [first, second] = texts().map((text) => telegram.text(person, text));
      const { message } = JSON.parse(String(first?.body)) as { message: { message_id: number } };
      const webhooks = [first, second].flatMap((webhook) => (webhook === undefined ? [] : datedAt(webhook, at)));
      return [...webhooks, datedAt(telegram.edit(person, message.message_id, edit()), later)];
    },
    zalo: () => {
      const user = digits('', 15);
      return texts().map((text) => zalo.text(user, text, at));
    },
    messenger: () => {
      const psid = digits('', 15);
      return texts().map((text) => meta.sign(statedAt(meta.messenger(address('messenger'), psid, text), at)));
    },
    instagram: () => {
      const igsid = digits('', 15);
      return texts().map((text) => meta.sign(statedAt(meta.instagram(address('instagram'), igsid, text), at)));
    },
    whatsapp: () => {
      const waId = digits('8491', 7);
      return texts().map((text) => meta.sign(statedAt(meta.whatsApp(address('whatsapp'), waId, text), at)));
    },
    facebook_comment: () => {
      const page = address('facebook_comment');
      const author = digits('', 15);
      const ids = texts().map((text) => ({ text, comment_id: `${digits('', 9)}_${digits('', 9)}` }));
      const comments = ids.map(({ text, comment_id }) =>
        meta.sign(statedAt(meta.comment(page, author, text, { comment_id }), at)),
      );
      const change = meta.comment(page, author, edit(), { comment_id: ids[0]?.comment_id, verb: 'edited' });
      return [...comments, meta.sign(statedAt(change, later))];
    },
  };
  const telephone: Readonly<Record<string, () => readonly Readonly<Record<string, string>>[]>> = {
    sms: () => {
      const From = digits('+8490', 7);
      return texts().map((Body) => twilio.incoming({ From, To: address('sms'), Body }));
    },
    phone: () => {
      const From = digits('+8498', 7);
      const missed = { CallStatus: 'no-answer', CallDuration: '0', From, To: address('phone') };
      // A minute apart: at the same moment they would be one call, told by two sources.
      return [0, 60_000].map((ms) =>
        twilio.callStatus({ ...missed, Timestamp: new Date(at.getTime() - ms).toUTCString() }),
      );
    },
  };

  const deliveries = channels.flatMap(({ channel, webhook: url = '' }) =>
    Array.from({ length: perChannel }, () => [
      ...(social[channel]?.() ?? []).map((webhook) => async () => (await postWebhook(url, webhook)).status),
      ...(telephone[channel]?.() ?? []).map((fields) => async () => (await twilio.post(url, fields)).status),
    ]).flat(),
  );
  const people = channels.length * perChannel;
  return { deliveries, messages: people * 2, tickets: people, edited };
}

/** Telegram proves itself by a header, so that the body may be changed. */
function datedAt({ body, headers }: Webhook, at: Date): Webhook {
  const seconds = Math.floor(at.getTime() / 1000);
  return { headers, body: Buffer.from(String(body).replaceAll(/"(date|edit_date)":\d+/g, `"$1":${seconds}`)) };
}

/** The payload of one of Meta's updates as if it had happened at that time; each product counts in its own unit. */
function statedAt(update: { readonly object: string; readonly entry: unknown }, at: Date): unknown {
  const ms = at.getTime();
  const seconds = Math.floor(ms / 1000);
  const restated = (key: string, value: unknown) => {
    if (!['time', 'timestamp', 'created_time'].includes(key)) return value;
    if (typeof value === 'string') return String(seconds);
    return Number(value) > 1e11 ? ms : seconds;
  };
  return JSON.parse(JSON.stringify({ object: update.object, entry: [update.entry] }), restated);
}
