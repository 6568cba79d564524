import { z } from 'zod';
import { accountOptions } from '#env';
import { objectIn, textIn } from '../../normalize/json.js';
import { ApiCallError, getJson } from '../api-call.js';
import type { NetworkOf } from '../network.js';
import { activeSecrets, apiAddress, equalInConstantTime } from '../secrets.js';
import { assertDelivered } from './delivered.js';
import { prepareMessage } from './send.js';
import { readUpdate, updateIdOf } from './update.js';

const credentialsSchema = z.strictObject({ botToken: z.string().min(1), secretToken: activeSecrets });
const optionsSchema = z.strictObject({ api: apiAddress('https://api.telegram.org') });

/** A Telegram bot. Source: core.telegram.org/bots/api, "setWebhook", "getFile", "sendMessage". */
export const telegram = ((account) => {
  const { botToken, secretToken } = accountOptions(account, credentialsSchema, 'credentials');
  const { api } = accountOptions(account, optionsSchema);
  return {
    name: 'telegram',
    signer: JSON.stringify(['telegram', secretToken]),
    verify: ({ headers }) => {
      const given = headers['x-telegram-bot-api-secret-token'];
      const isOurs = typeof given === 'string' && secretToken.some((secret) => equalInConstantTime(secret, given));
      return isOurs ? 'genuine' : 'forged';
    },
    split: (payload) => [payload],
    normalize: readUpdate,
    sequenceOf: updateIdOf,
    missed: (since, signal) => assertDelivered(`${api}/bot${botToken}`, since, signal),
    prepare: (answer) => prepareMessage(answer, `${api}/bot${botToken}`),
    media: {
      hosts: [],
      trustedOrigins: [new URL(api).origin],
      patienceMs: 8_000,
      locate: async ({ ref }, signal) => {
        const answer = await getJson(`${api}/bot${botToken}/getFile?file_id=${encodeURIComponent(ref)}`, { signal });
        const path = textIn(objectIn(answer, 'result'), 'file_path');
        if (path === undefined || !/^[\w./-]+$/.test(path) || path.includes('..')) {
          throw new ApiCallError('the answer names no file');
        }
        return { url: `${api}/file/bot${botToken}/${path}` };
      },
    },
  };
}) satisfies NetworkOf;
