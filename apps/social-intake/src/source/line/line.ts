import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { accountOptions } from '#env';
import type { NetworkOf } from '../network.js';
import { activeSecrets, apiAddress, equalInConstantTime } from '../secrets.js';
import { readEvent, splitEvents } from './event.js';
import { prepareMessage } from './send.js';

const credentialsSchema = z.strictObject({ channelSecret: activeSecrets, channelAccessToken: z.string().min(1) });
const optionsSchema = z.strictObject({
  api: apiAddress('https://api.line.me'),
  content: apiAddress('https://api-data.line.me'),
});

/** A LINE Official Account. Source: developers.line.biz/en/reference/messaging-api, "Webhooks", "Get content", "Send push message". */
export const line = ((account) => {
  const { channelSecret, channelAccessToken } = accountOptions(account, credentialsSchema, 'credentials');
  const { api, content } = accountOptions(account, optionsSchema);
  const authorization = `Bearer ${channelAccessToken}`;
  return {
    name: 'line',
    signer: JSON.stringify(['line', channelSecret]),
    verify: ({ body, headers }) => {
      const given = headers['x-line-signature'];
      if (typeof given !== 'string') return 'forged';
      const isOurs = channelSecret.some((secret) =>
        equalInConstantTime(createHmac('sha256', secret).update(body).digest('base64'), given),
      );
      return isOurs ? 'genuine' : 'forged';
    },
    split: splitEvents,
    normalize: readEvent,
    prepare: (answer) => prepareMessage(answer, { push: `${api}/v2/bot/message/push`, authorization }),
    media: {
      hosts: [],
      trustedOrigins: [new URL(content).origin],
      patienceMs: 8_000,
      locate: ({ ref }) =>
        Promise.resolve({
          url: `${content}/v2/bot/message/${encodeURIComponent(ref)}/content`,
          headers: { authorization },
        }),
    },
  };
}) satisfies NetworkOf;
