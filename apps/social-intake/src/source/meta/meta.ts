import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { accountOptions } from '#env';
import type { Prepared } from '#intake';
import { idIn, type JsonObject, objectIn, textIn } from '../../normalize/json.js';
import { noted, type Reading, unknown, unreadable } from '../../normalize/reading.js';
import { type Answer, refused } from '../answer.js';
import { ApiCallError, getJson } from '../api-call.js';
import type { NetworkOf, SignedRequest, Verdict } from '../network.js';
import { activeSecrets, apiAddress, equalInConstantTime } from '../secrets.js';
import { hasConversations, missedMessages } from './conversations.js';
import { readInstagramComment } from './instagram-comment.js';
import { readMessaging } from './messaging.js';
import { readPageComment } from './page-comment.js';
import { type MetaAnswering, prepareComment, prepareInstagram, prepareMessenger } from './send.js';
import { prepareWhatsApp } from './send-whatsapp.js';
import { type MetaPart, partOf, splitWebhook } from './split.js';
import { readWhatsApp } from './whatsapp.js';

const credentialsSchema = z.strictObject({
  /** Instagram may sign with an app secret of its own: that account then has its own webhook address. */
  appSecret: activeSecrets,
  verifyToken: z.string().min(1),
  /** Sends, and reads the files of WhatsApp. */
  accessToken: z.string().min(1),
});
const optionsSchema = z.strictObject({
  /** With the version of the Graph API. */
  api: apiAddress('https://graph.facebook.com/v25.0'),
  /** What messages leave from, where that is not the account's address: Instagram through its page. */
  sender: z.string().regex(/^\w+$/).optional(),
  comments: z.enum(['public', 'private']).default('public'),
  /** An approved template of WhatsApp with one parameter in its body. */
  template: z.strictObject({ name: z.string().min(1), language: z.string().min(2).default('vi') }).optional(),
});

/** Messenger, page comments, Instagram and WhatsApp: one signature, one form. Source: developers.facebook.com/docs/graph-api/webhooks. */
export const meta = ((account) => {
  const { appSecret, verifyToken, accessToken } = accountOptions(account, credentialsSchema, 'credentials');
  const { api, sender, comments, template } = accountOptions(account, optionsSchema);
  const answering = { api, accessToken, sender: sender ?? account.address ?? 'me', comments, template };
  const bearer = { authorization: `Bearer ${accessToken}` };
  return {
    name: 'meta',
    signer: JSON.stringify(['meta', appSecret]),
    verify: (request) => verify(request, appSecret),
    challenge: (query) => {
      const { 'hub.mode': mode, 'hub.verify_token': token, 'hub.challenge': echo } = query;
      if (mode !== 'subscribe' || typeof token !== 'string' || typeof echo !== 'string') return undefined;
      return equalInConstantTime(token, verifyToken) && echo.length <= 1_000 ? echo : undefined;
    },
    split: splitWebhook,
    normalize: readPart,
    prepare: (answer) => prepareOn(account.channel, answer, answering),
    ...(hasConversations(account.channel)
      ? {
          missed: (since: Date, signal: AbortSignal) =>
            missedMessages({ ...answering, address: account.address, channel: account.channel }, since, signal),
        }
      : {}),
    authorOf: async (comment, signal) => {
      if (!/^[\w-]{1,200}$/.test(comment)) return undefined;
      return idIn(objectIn(await getJson(`${api}/${comment}?fields=from`, { signal, headers: bearer }), 'from'), 'id');
    },
    media: {
      hosts: ['fbsbx.com', 'fbcdn.net', 'cdninstagram.com', 'whatsapp.net'],
      trustedOrigins: [new URL(api).origin],
      patienceMs: 8_000,
      locate: async ({ ref }, signal) => {
        if (!/^\d{1,40}$/.test(ref)) return { url: ref };
        const url = textIn(await getJson(`${api}/${ref}`, { signal, headers: bearer }), 'url');
        if (url === undefined) throw new ApiCallError('the answer names no file');
        return { url, headers: bearer };
      },
    },
  };
}) satisfies NetworkOf;

function verify({ body, headers }: SignedRequest, secrets: readonly string[]): Verdict {
  const given = headers['x-hub-signature-256'];
  if (typeof given !== 'string') return 'forged';
  const isGenuine = secrets.some((secret) =>
    equalInConstantTime(given, `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`),
  );
  return isGenuine ? 'genuine' : 'forged';
}

function prepareOn(channel: string, answer: Answer, by: MetaAnswering): Prepared | Promise<Prepared> {
  switch (channel) {
    case 'messenger':
      return prepareMessenger(answer, by);
    case 'instagram':
      return prepareInstagram(answer, by);
    case 'facebook_comment':
      return prepareComment(answer, by);
    case 'whatsapp':
      return prepareWhatsApp(answer, by);
    default:
      return refused('account_unknown', `Meta has no channel ${channel}`);
  }
}

function readPart(payload: JsonObject): Reading {
  const part = partOf(payload);
  if (part === undefined) return unreadable('entry');
  if (part.entryId === undefined) return unreadable('entry.id');
  switch (part.object) {
    case 'page':
      return readPagePart(part);
    case 'instagram':
      return readInstagramPart(part);
    case 'whatsapp_business_account':
      return readWhatsApp(part);
    default:
      return unknown(`object ${part.object}`);
  }
}

function readPagePart(part: MetaPart): Reading {
  if (part.messaging !== undefined) return readMessaging(part.messaging, part, 'messenger');
  if (part.isStandby) return noted('standby');
  return part.field === 'feed' ? readPageComment(part) : unknown(`page ${part.field}`);
}

function readInstagramPart(part: MetaPart): Reading {
  if (part.messaging !== undefined) return readMessaging(part.messaging, part, 'instagram');
  if (part.isStandby) return noted('standby');
  if (part.field === 'comments' || part.field === 'live_comments') return readInstagramComment(part);
  // The form of the dashboard's test button.
  if (part.field === 'messages' && part.value !== undefined && objectIn(part.value, 'message') !== undefined) {
    return readMessaging(part.value, part, 'instagram');
  }
  return unknown(`instagram ${part.field}`);
}
