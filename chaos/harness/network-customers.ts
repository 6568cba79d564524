import { randomInt, randomUUID } from 'node:crypto';
import { MetaSimulator, postWebhook, TelegramSimulator, TwilioSimulator, type Webhook, ZaloSimulator } from '#testing';
import type { Accounts } from '../../bench/harness/words.js';
import { secretsOf } from '../../tools/platform/stack.js';

/** A webhook with the provider's own bytes, that can be sent again and again; answers the status. */
export type Delivery = () => Promise<number>;

/** Somebody who writes twice (or calls twice in vain) on one channel, and on two of them edits the first. */
export interface NetworkCustomer {
  readonly channel: string;
  /** In the order in which they were said; each has one in `said`. */
  readonly deliveries: readonly Delivery[];
  /** The words, or the call's id; the third is what replaced the first, which then nobody is to see. */
  readonly said: readonly string[];
}

const digits = (beginning: string, count: number) =>
  `${beginning}${Array.from({ length: count }, () => randomInt(1, 10)).join('')}`;
const editedAfterMs = 30_000;

type Said<Form> = readonly (readonly [word: string, form: Form])[];

const words = () => [`Mạng chậm quá. ${randomUUID()}`, `Bao giờ có người đến? ${randomUUID()}`] as const;
const correction = () => `Sửa lại ${randomUUID()}`;
const each = <Form>(said: readonly string[], form: (word: string) => Form) =>
  said.map((word) => [word, form(word)] as const);

/** Customers on every channel of config/channels.yaml that comes by webhook. One of these a run: Telegram numbers what it brings. */
export class NetworkCustomers {
  private readonly telegram: TelegramSimulator;
  private readonly zalo: ZaloSimulator;
  private readonly meta: MetaSimulator;
  private readonly twilio: TwilioSimulator;

  constructor(private readonly accounts: Accounts) {
    this.telegram = new TelegramSimulator(secretsOf<'botToken' | 'secretToken'>(accounts, 'telegram'));
    const zalo = secretsOf<'appId' | 'oaSecretKey'>(accounts, 'zalo');
    this.zalo = new ZaloSimulator({ ...zalo, oaId: this.address('zalo') });
    this.meta = new MetaSimulator(secretsOf<'appSecret' | 'accessToken'>(accounts, 'meta'));
    this.twilio = new TwilioSimulator(secretsOf<'accountSid' | 'authToken'>(accounts, 'twilio'));
  }

  /** So many new people on each channel, who write or call at that time. */
  some(perChannel: number, at: Date): readonly NetworkCustomer[] {
    const social = this.social(at);
    const telephone = this.telephone(at);
    return this.accounts.channels.flatMap(({ channel, webhook: url = '' }) =>
      Array.from({ length: perChannel }, () => {
        const deliveries: (readonly [string, Delivery])[] = [
          ...(social[channel]?.() ?? []).map(
            ([word, webhook]) => [word, async () => (await postWebhook(url, webhook)).status] as const,
          ),
          ...(telephone[channel]?.() ?? []).map(
            ([word, fields]) => [word, async () => (await this.twilio.post(url, fields)).status] as const,
          ),
        ];
        return {
          channel,
          said: deliveries.map(([word]) => word),
          deliveries: deliveries.map(([, deliver]) => deliver),
        };
      }),
    );
  }

  private social(at: Date): Readonly<Record<string, () => Said<Webhook>>> {
    const { telegram, zalo, meta } = this;
    const later = new Date(at.getTime() + editedAfterMs);
    const byMeta = (told: (text: string) => Parameters<typeof statedAt>[0], when = at) => {
      return (text: string) => meta.sign(statedAt(told(text), when));
    };
    return {
      telegram: () => {
        const person = { id: randomInt(1e9, 2e9), firstName: 'Lan' };
        const said = each(words(), (text) => telegram.text(person, text));
        const { message } = JSON.parse(String(said[0]?.[1].body)) as { message: { message_id: number } };
        const edit = correction();
        return [
          ...said.map(([word, webhook]) => [word, datedAt(webhook, at)] as const),
          [edit, datedAt(telegram.edit(person, message.message_id, edit), later)],
        ];
      },
      zalo: () => {
        const user = digits('', 15);
        return each(words(), (text) => zalo.text(user, text, at));
      },
      messenger: () => {
        const psid = digits('', 15);
        return each(
          words(),
          byMeta((text) => meta.messenger(this.address('messenger'), psid, text)),
        );
      },
      instagram: () => {
        const igsid = digits('', 15);
        return each(
          words(),
          byMeta((text) => meta.instagram(this.address('instagram'), igsid, text)),
        );
      },
      whatsapp: () => {
        const waId = digits('8491', 7);
        return each(
          words(),
          byMeta((text) => meta.whatsApp(this.address('whatsapp'), waId, text)),
        );
      },
      facebook_comment: () => {
        const page = this.address('facebook_comment');
        const author = digits('', 15);
        const first = `${digits('', 9)}_${digits('', 9)}`;
        const [one, two] = words();
        const comment = (over: Readonly<Record<string, string>>) => (text: string) =>
          meta.comment(page, author, text, over);
        return [
          ...each([one], byMeta(comment({ comment_id: first }))),
          ...each([two], byMeta(comment({ comment_id: `${digits('', 9)}_${digits('', 9)}` }))),
          ...each([correction()], byMeta(comment({ comment_id: first, verb: 'edited' }), later)),
        ];
      },
    };
  }

  private telephone(at: Date): Readonly<Record<string, () => Said<Readonly<Record<string, string>>>>> {
    const { twilio } = this;
    return {
      sms: () => {
        const From = digits('+8490', 7);
        return each(words(), (Body) => twilio.incoming({ From, To: this.address('sms'), Body }));
      },
      phone: () => {
        const From = digits('+8498', 7);
        const missed = { CallStatus: 'no-answer', CallDuration: '0', From, To: this.address('phone') };
        // A minute apart: at the same moment they would be one call, told by two sources.
        return [0, 60_000].map((ms) => {
          const fields = twilio.callStatus({ ...missed, Timestamp: new Date(at.getTime() - ms).toUTCString() });
          return [fields['CallSid'] ?? '', fields];
        });
      },
    };
  }

  private address(wanted: string): string {
    return this.accounts.channels.find(({ channel }) => channel === wanted)?.address ?? '';
  }
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
