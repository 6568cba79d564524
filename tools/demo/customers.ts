import { randomInt } from 'node:crypto';
import {
  MetaSimulator,
  postWebhook,
  type Received,
  receivedPath,
  TelegramSimulator,
  TwilioSimulator,
  type Webhook,
  ZaloSimulator,
} from '#testing';
import { PlatformError } from '../platform/platform-error.js';
import { secretsOf, type Stack } from '../platform/stack.js';
import { call, type Ticket } from './api.js';
import type { CustomerMailbox } from './customer-mailbox.js';
import type { Expected } from './judge.js';

/** Somebody who writes on one channel, and what he gets. */
export interface Customer {
  /** How the demo calls what he does. */
  readonly label: string;
  /** Of his ticket. */
  readonly channel: string;
  /** Sends what he says, as his provider does; answers what the answer to it must be like. */
  write(): Promise<Expected>;
  isOpener(item: Ticket): boolean;
  /** All that he has got on the channel of the answer that holds these words. */
  received(words: string): Promise<readonly Received[]>;
}

const dayMs = 86_400_000;
const digits = (beginning: string, count: number) =>
  `${beginning}${Array.from({ length: count }, () => randomInt(1, 10)).join('')}`;
/** A Vietnamese mobile number. */
const phoneNumber = () => digits('+8490', 7);

/** What a simulated provider says that customers have received. */
function farSide({ simulators }: Stack, provider: string): Customer['received'] {
  const url = simulators[provider];
  if (url === undefined) {
    throw new PlatformError(
      `This platform sends to a real ${provider}, or to one of yours: the demo needs the one that npm start plays. Unset its address.`,
    );
  }
  return async (words) =>
    ((await call(`${url}${receivedPath}`, {})) as Received[]).filter(({ text }) => text.includes(words));
}

async function deliver(url: string, webhook: Webhook): Promise<void> {
  const { status, text } = await postWebhook(url, webhook);
  if (status >= 300) throw new PlatformError(`${url} answered ${status}: ${text}`);
}

/** The account of config/channels.yaml by which a channel comes in. */
function accountOf({ channels }: Stack, wanted: string) {
  const found = channels.find(({ channel }) => channel === wanted);
  if (found?.webhook === undefined) throw new PlatformError(`stack.json names no webhook of ${wanted}`);
  return { webhook: found.webhook, address: found.address ?? '' };
}

export function mailWriter(mailbox: CustomerMailbox, support: string, subject: string): Customer {
  return {
    ...{ label: 'email', channel: 'email' },
    write: async () => {
      const text =
        'Kính gửi bộ phận chăm sóc khách hàng,\n\nTừ sáng nay đường truyền của trường chúng tôi bị gián đoạn.\n\nTrân trọng,\nHoa';
      const inReplyTo = await mailbox.send({ to: support, subject, text });
      return { channel: 'email', to: mailbox.address, inReplyTo };
    },
    isOpener: (item) => item.subject === subject,
    received: (words) => mailbox.received(words),
  };
}

export function formWriter(mailbox: CustomerMailbox, url: string, run: string): Customer {
  let reference: string | undefined;
  return {
    ...{ label: 'web form', channel: 'web_form' },
    write: async () => {
      const body = {
        name: 'Nguyễn Thị Hoa',
        email: mailbox.address,
        subject: `Hóa đơn tháng này (${run})`,
        message: 'Hóa đơn tháng này bị tính hai lần.',
        language: 'vi',
      };
      const answer = await call(`${url}/api/v1/feedback`, {
        method: 'POST',
        headers: { 'idempotency-key': run },
        body,
      });
      reference = (answer as { reference: string }).reference;
      return { channel: 'email', to: mailbox.address };
    },
    isOpener: (item) => reference !== undefined && item.reference === reference,
    received: (words) => mailbox.received(words),
  };
}

/** Two people with telephones: one writes a short message, one calls and is not answered. */
export function telephoneUsers(stack: Stack): {
  readonly texter: Customer;
  readonly caller: Customer;
  readonly number: string;
} {
  const twilio = new TwilioSimulator(secretsOf<'accountSid' | 'authToken'>(stack, 'twilio'));
  const received = farSide(stack, 'twilio');
  const post = async (url: string, fields: Readonly<Record<string, string>>) => {
    const { status } = await twilio.post(url, fields);
    if (status >= 300) throw new PlatformError(`${url} answered ${status}`);
  };
  const number = phoneNumber();
  const sms = accountOf(stack, 'sms');
  const texter: Customer = {
    ...{ label: 'sms', channel: 'sms', received },
    write: async () => {
      await post(sms.webhook, twilio.incoming({ From: number, To: sms.address, Body: 'Mạng ở trạm y tế rất chậm.' }));
      return { channel: 'sms', to: number };
    },
    isOpener: (item) => item.channel === 'sms' && item.customer.address === number,
  };
  const from = phoneNumber();
  const phone = accountOf(stack, 'phone');
  const caller: Customer = {
    ...{ label: 'phone, a missed call', channel: 'phone', received },
    write: async () => {
      const { MessageSid = '' } = twilio.incoming({});
      await post(phone.webhook, {
        ...{ CallSid: MessageSid.replace(/^SM/, 'CA'), CallStatus: 'no-answer', CallDuration: '0' },
        ...{ From: from, To: phone.address, Direction: 'inbound' },
      });
      return { channel: 'sms', to: from };
    },
    isOpener: (item) => item.channel === 'phone' && item.customer.address === from,
  };
  return { texter, caller, number };
}

/** Somebody on a social network, whom ticketing knows by the network's id. */
function networkUser(
  stack: Stack,
  person: Pick<Customer, 'label' | 'channel' | 'received'> & {
    readonly address: string;
    readonly webhook: (account: { readonly address: string }) => Webhook & { readonly expected: Expected };
  },
): Customer {
  const { webhook, address, ...customer } = person;
  const account = accountOf(stack, person.channel);
  return {
    ...customer,
    write: async () => {
      const { expected, ...sent } = webhook(account);
      await deliver(account.webhook, sent);
      return expected;
    },
    isOpener: (item) => item.channel === person.channel && item.customer.address === address,
  };
}

export function telegramUser(stack: Stack): Customer {
  const telegram = new TelegramSimulator(secretsOf<'botToken' | 'secretToken'>(stack, 'telegram'));
  const id = randomInt(1e9, 2e9);
  return networkUser(stack, {
    ...{ label: 'telegram', channel: 'telegram', received: farSide(stack, 'telegram'), address: `telegram:${id}` },
    webhook: () => {
      const update = telegram.text({ id, firstName: 'Lan' }, 'Cho hỏi bao giờ có mạng lại?');
      const { message } = JSON.parse(update.body.toString()) as { message: { message_id: number } };
      return { ...update, expected: { channel: 'telegram', to: String(id), inReplyTo: String(message.message_id) } };
    },
  });
}

/** @param days how long ago he wrote: after seven Zalo takes no answer. */
export function zaloUser(stack: Stack, days = 0): Customer {
  const oaId = accountOf(stack, 'zalo').address;
  const zalo = new ZaloSimulator({ ...secretsOf<'appId' | 'oaSecretKey'>(stack, 'zalo'), oaId });
  const id = digits('', 15);
  return networkUser(stack, {
    ...{ label: 'zalo', channel: 'zalo', received: farSide(stack, 'zalo'), address: `zalo:${id}` },
    webhook: () => ({
      ...zalo.text(id, 'Tôi muốn đổi gói cước.', new Date(Date.now() - days * dayMs)),
      expected: { channel: 'zalo', to: id },
    }),
  });
}

/** Somebody who wrote on Zalo before its window closed, whose telephone is that of `texter`: there he is answered. */
export function lateZaloUser(stack: Stack, texter: Customer, number: string): Customer {
  const person = zaloUser(stack, 8);
  return {
    ...person,
    ...{ label: 'zalo, 8 days ago', received: texter.received },
    write: async () => {
      await person.write();
      return { channel: 'sms', to: number };
    },
  };
}

export function metaUsers(stack: Stack): Customer[] {
  const meta = new MetaSimulator(secretsOf<'appSecret' | 'accessToken'>(stack, 'meta'));
  const received = farSide(stack, 'meta');
  const [psid, igsid, commenter, waId] = [digits('', 15), digits('', 15), digits('', 15), digits('8491', 7)] as const;
  const words = 'Xin hỗ trợ giúp đơn vị tôi.';
  return [
    networkUser(stack, {
      ...{ label: 'messenger', channel: 'messenger', received, address: `messenger:${psid}` },
      webhook: ({ address }) => ({
        ...meta.webhook(meta.messenger(address, psid, words)),
        expected: { channel: 'messenger', to: psid },
      }),
    }),
    networkUser(stack, {
      ...{ label: 'facebook comment', channel: 'facebook_comment', received },
      address: `facebook_comment:${commenter}`,
      webhook: ({ address }) => {
        const id = `${digits('', 9)}_${digits('', 9)}`;
        const comment = meta.comment(address, commenter, words, { comment_id: id });
        return { ...meta.webhook(comment), expected: { channel: 'facebook_comment', to: id } };
      },
    }),
    networkUser(stack, {
      ...{ label: 'instagram', channel: 'instagram', received, address: `instagram:${igsid}` },
      webhook: ({ address }) => ({
        ...meta.webhook(meta.instagram(address, igsid, words)),
        expected: { channel: 'instagram', to: igsid },
      }),
    }),
    networkUser(stack, {
      ...{ label: 'whatsapp', channel: 'whatsapp', received, address: `+${waId}` },
      webhook: ({ address }) => ({
        ...meta.webhook(meta.whatsApp(address, waId, words)),
        expected: { channel: 'whatsapp', to: waId },
      }),
    }),
  ];
}
