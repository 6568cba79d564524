import { type ChannelAccount, loadChannelAccounts, loadSettings } from '#env';
import type { ServiceOptions } from '#http';
import { AppModule as EmailIntake } from '../../apps/email-intake/src/app.module.js';
import { settingsSchema as emailSettings } from '../../apps/email-intake/src/env.js';
import { mailboxesOf } from '../../apps/email-intake/src/source/accounts.js';
import { AppModule as PhoneIntake } from '../../apps/phone-intake/src/app.module.js';
import { configure as configurePhone } from '../../apps/phone-intake/src/configure.js';
import { settingsSchema as phoneSettings } from '../../apps/phone-intake/src/env.js';
import { phoneAccountsOf } from '../../apps/phone-intake/src/source/accounts.js';
import { settingsSchema as reportingSettings } from '../../apps/reporting/src/env.js';
import { reportingService } from '../../apps/reporting/src/service-options.js';
import { AppModule as SocialIntake } from '../../apps/social-intake/src/app.module.js';
import { configure as configureSocial } from '../../apps/social-intake/src/configure.js';
import { settingsSchema as socialSettings } from '../../apps/social-intake/src/env.js';
import { AppModule as Ticketing } from '../../apps/ticketing/src/app.module.js';
import { configure as configureTicketing } from '../../apps/ticketing/src/configure.js';
import { settingsSchema as ticketingSettings } from '../../apps/ticketing/src/env.js';
import { AppModule as WebFormIntake } from '../../apps/web-form-intake/src/app.module.js';
import { configure } from '../../apps/web-form-intake/src/configure.js';
import { settingsSchema as webFormSettings } from '../../apps/web-form-intake/src/env.js';

/** Enough to build the services; nothing is ever connected to. */
const environment = {
  NODE_ENV: 'test',
  LOG_LEVEL: 'silent',
  PORT: '0',
  KAFKA_BROKERS: '127.0.0.1:1',
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  STORE_DIR: '.phanhoi/none',
  JWKS_URL: 'http://127.0.0.1:1/.well-known/jwks.json',
  CONVERSATION_SECRET: 'x'.repeat(32),
  THREAD_SECRETS: 'x'.repeat(32),
  PUBLIC_URL: 'http://127.0.0.1:1',
};

/** The accounts of the local platform; their secrets are of no matter here. */
function channelAccounts(): Promise<ChannelAccount[]> {
  const anything = new Proxy<Record<string, string>>(
    {},
    {
      get: (_, name) => {
        if (String(name).endsWith('_URL')) return 'http://127.0.0.1:1';
        return String(name).endsWith('_ADDRESS') ? 'support@example.vn' : '1';
      },
    },
  );
  return loadChannelAccounts('config/channels.yaml', anything);
}

/** Every service that has an API, as its process would run it. */
export async function documentedServices(): Promise<ServiceOptions[]> {
  const accounts = await channelAccounts();
  const email = loadSettings(emailSettings, environment);
  const phone = loadSettings(phoneSettings, environment);
  const webForm = loadSettings(webFormSettings, environment);
  const social = loadSettings(socialSettings, environment);
  const ticketing = loadSettings(ticketingSettings, environment);
  return [
    { name: 'ticketing', settings: ticketing, module: Ticketing.forRoot(ticketing), configure: configureTicketing },
    reportingService(loadSettings(reportingSettings, environment)),
    { name: 'email-intake', settings: email, module: EmailIntake.forRoot(email, mailboxesOf(accounts)) },
    {
      name: 'social-intake',
      settings: social,
      module: SocialIntake.forRoot(social, accounts),
      configure: configureSocial,
    },
    {
      name: 'phone-intake',
      settings: phone,
      module: PhoneIntake.forRoot(phone, phoneAccountsOf(accounts)),
      configure: configurePhone,
    },
    { name: 'web-form-intake', settings: webForm, module: WebFormIntake.forRoot(webForm, accounts), configure },
  ];
}
