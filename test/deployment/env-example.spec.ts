import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { settingsSchema as email } from '../../apps/email-intake/src/env.js';
import { settingsSchema as phone } from '../../apps/phone-intake/src/env.js';
import { settingsSchema as reporting } from '../../apps/reporting/src/env.js';
import { settingsSchema as social } from '../../apps/social-intake/src/env.js';
import { settingsSchema as ticketing } from '../../apps/ticketing/src/env.js';
import { settingsSchema as webForm } from '../../apps/web-form-intake/src/env.js';
import { settingsSchema as prepare } from '../../tools/cluster/env.js';
import { channelSecretNames } from '../../tools/platform/channels.js';

const schemas: Readonly<Record<string, z.ZodObject>> = { email, phone, reporting, social, ticketing, webForm, prepare };

/** Read by tools, by docker-compose.yml and by config/channels.yaml: no service has a schema for them. */
const others = [
  ...['PHANHOI_HOME', 'PHANHOI_PORT_BASE', 'PHANHOI_CACHE', 'POSTGRES_PASSWORD'],
  ...[
    'SUPPORT_ADDRESS',
    'SUPPORT_USER',
    'SUPPORT_PASSWORD',
    'SUPPORT_MAIL_HOST',
    'SUPPORT_IMAP_PORT',
    'SUPPORT_SMTP_PORT',
  ],
  ...channelSecretNames,
  ...['TWILIO_NUMBER', 'TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_API_URL'],
  ...['TELEGRAM_API_URL', 'META_API_URL', 'ZALO_API_URL', 'ZALO_OAUTH_URL'],
];

it('.env.example documents every setting, once, and nothing else', async () => {
  const lines = (await readFile('.env.example', 'utf8')).split('\n');
  const documented = lines.flatMap((line) => /^(?:# )?([A-Z][A-Z0-9_]*)=/.exec(line)?.[1] ?? []);
  const settings = Object.values(schemas).flatMap(({ shape }) => Object.keys(shape));
  expect(documented.toSorted()).toEqual([...new Set([...settings, ...others])].toSorted());
});

it.each(Object.entries(schemas))('the defaults that it names for %s are those of the schema', async (_, schema) => {
  const lines = (await readFile('.env.example', 'utf8')).split('\n');
  const named = Object.fromEntries(
    lines.flatMap((line) => {
      const [, key, value] = /^# ([A-Z][A-Z0-9_]*)=([^…]*)$/.exec(line) ?? [];
      return key === undefined || value === undefined || value === '' ? [] : [[key, value]];
    }),
  ) as Record<string, string>;
  for (const [key, field] of Object.entries(schema.shape)) {
    const byDefault = (field as z.ZodType).safeParse(undefined);
    const stated = named[key];
    if (!byDefault.success || stated === undefined) continue;
    expect([key, (field as z.ZodType).parse(stated)]).toEqual([key, byDefault.data]);
  }
});
