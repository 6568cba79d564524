import { createHash } from 'node:crypto';
import { z } from 'zod';
import { accountOptions } from '#env';
import type { NetworkOf, SignedRequest, Verdict } from '../network.js';
import { activeSecrets, apiAddress, equalInConstantTime } from '../secrets.js';
import { readEvent } from './event.js';
import { prepareConsultation } from './send.js';
import { exchangeToken } from './token-exchange.js';

const credentialsSchema = z.strictObject({
  appId: z.string().min(1),
  oaSecretKey: activeSecrets,
  /** With the token that somebody got by signing in for the account: what answers need. Its successors are kept in the database. */
  appSecret: z.string().optional(),
  refreshToken: z.string().optional(),
});
const optionsSchema = z.strictObject({
  api: apiAddress('https://openapi.zalo.me'),
  oauth: apiAddress('https://oauth.zaloapp.com'),
  /** Where Zalo keeps files; names that turn up later can be added. */
  mediaHosts: z.array(z.string()).default(['zdn.vn', 'zadn.vn', 'dlfl.vn', 'zaloapp.com', 'zalo.me']),
  trustedOrigins: z.array(z.string()).default([]),
});

/** A Zalo Official Account. Source: developers.zalo.me/docs/official-account/webhook. */
export const zalo: NetworkOf = (account, { accessTokens }) => {
  const {
    appId,
    oaSecretKey,
    appSecret = '',
    refreshToken = '',
  } = accountOptions(account, credentialsSchema, 'credentials');
  const { api, oauth, mediaHosts, trustedOrigins } = accountOptions(account, optionsSchema);
  const exchange = (token: string) => exchangeToken({ oauth, appId, appSecret }, token);
  const tokens =
    appSecret === '' || refreshToken === '' ? undefined : accessTokens({ account: account.id, refreshToken, exchange });
  return {
    name: 'zalo',
    signer: JSON.stringify(['zalo', appId, oaSecretKey]),
    verify: (request) => verify(request, appId, oaSecretKey),
    split: (payload) => [payload],
    normalize: readEvent,
    prepare: (answer) => prepareConsultation(answer, api, tokens),
    ...(tokens === undefined ? {} : { keep: () => tokens.keep() }),
    media: {
      hosts: mediaHosts,
      trustedOrigins,
      // Zalo waits 2 s for an answer.
      patienceMs: 1_200,
      locate: async ({ ref }) => ({ url: ref }),
    },
  };
};

/** Members that may hold the time that was signed; a quote within a text is escaped and hence none. */
const statedTimes = /"time_?stamp"\s*:\s*"?(\d{1,20})"?/gi;
const maxTimes = 4;

/** mac = hex SHA-256(appId + body + timestamp + OA secret key): a plain hash over the concatenation. */
function verify({ body, headers }: SignedRequest, appId: string, secrets: readonly string[]): Verdict {
  const given = headers['x-zevent-signature'];
  if (typeof given !== 'string') return isProbe(body) ? 'probe' : 'forged';
  const mac = given.replace(/^mac\s*=\s*/i, '').toLowerCase();
  const stated = headers['x-zevent-timestamp'];
  const times = [...(typeof stated === 'string' ? [stated] : []), ...timesIn(body)].slice(0, maxTimes);
  const isGenuine = times.some((time) =>
    secrets.some((secret) => equalInConstantTime(mac, macOf(appId, body, time, secret))),
  );
  return isGenuine ? 'genuine' : 'forged';
}

function macOf(appId: string, body: Buffer, time: string, secret: string): string {
  return createHash('sha256').update(appId).update(body).update(time).update(secret).digest('hex');
}

function* timesIn(body: Buffer): Generator<string> {
  for (const [, time] of body.toString('latin1').matchAll(statedTimes)) if (time !== undefined) yield time;
}

/** A new address is asked with an unsigned empty object. */
function isProbe(body: Buffer): boolean {
  return body.length <= 16 && body.toString('latin1').trim() === '{}';
}
