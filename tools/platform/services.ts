import type { Addresses, ServiceName } from './addresses.js';
import { channelSettings } from './channels.js';
import type { Mailbox } from './green-mail.js';
import type { Home } from './home.js';
import { compiledServices, serviceNodeOptions } from './node-options.js';
import type { Secrets } from './secrets.js';
import type { Account } from './stack.js';

export interface Surroundings {
  readonly home: Home;
  readonly addresses: Addresses;
  readonly brokers: readonly string[];
  readonly secrets: Secrets;
  readonly mailboxes: Readonly<Record<'support' | 'customer', Mailbox>>;
  readonly accounts: Readonly<Record<string, Account & { readonly role: string; readonly name: string }>>;
  /** By schema. */
  readonly databaseUrls: Readonly<Record<string, string>>;
}

interface Service {
  /** Schema and role in the database. */
  readonly schema: string;
  /** Its own settings beyond those that every service has. */
  readonly env: (around: Surroundings) => Record<string, string>;
}

const tokens = ({ addresses }: Surroundings) => ({
  JWKS_URL: `http://127.0.0.1:${addresses.services.ticketing}/.well-known/jwks.json`,
});
const threads = ({ secrets }: Surroundings) => ({ THREAD_SECRETS: secrets.threadSecret });
const conversations = ({ secrets }: Surroundings) => ({ CONVERSATION_SECRET: secrets.conversationSecret });
const store = ({ home }: Surroundings) => ({ STORE_DIR: home.in('store') });
const channels = (around: Surroundings) => channelSettings(around, process.env);

/** What runs, and what each is told. The apps' own env.ts says what the keys mean. */
export const services: Readonly<Record<ServiceName, Service>> = {
  ticketing: {
    schema: 'ticketing',
    env: (around) => ({
      ...threads(around),
      ...store(around),
      BOOTSTRAP_ACCOUNTS: JSON.stringify(Object.values(around.accounts)),
    }),
  },
  reporting: { schema: 'reporting', env: (around) => ({ ...tokens(around), ...store(around) }) },
  'web-form-intake': {
    schema: 'web_form',
    env: (around) => ({
      ...channels(around),
      ...conversations(around),
      ...store(around),
      // Load comes from 127.0.0.1 alone here, so a limit per client would be a limit for all.
      RATE_LIMIT_REQUESTS: '100000000',
    }),
  },
  'social-intake': {
    schema: 'social',
    env: (around) => ({ ...channels(around), ...conversations(around), ...store(around) }),
  },
  'email-intake': {
    schema: 'email',
    env: (around) => ({
      ...channels(around),
      ...conversations(around),
      ...threads(around),
      ...store(around),
      ...tokens(around),
    }),
  },
  'phone-intake': {
    schema: 'phone',
    env: (around) => ({
      ...channels(around),
      ...conversations(around),
      ...store(around),
      ...tokens(around),
      PUBLIC_URL: `http://127.0.0.1:${around.addresses.services['phone-intake']}`,
    }),
  },
};

export function serviceEnv(name: ServiceName, around: Surroundings): NodeJS.ProcessEnv {
  const { schema, env } = services[name];
  return {
    // The caller's environment stands behind: LOG_LEVEL, FAILPOINT and the like reach the services.
    ...process.env,
    NODE_ENV: process.env['NODE_ENV'] ?? 'development',
    NODE_OPTIONS: [serviceNodeOptions(name), process.env['NODE_OPTIONS'] ?? ''].join(' ').trim(),
    NODE_COMPILE_CACHE: compiledServices,
    INSTANCE: `${name}-1`,
    HOST: '127.0.0.1',
    PORT: String(around.addresses.services[name]),
    SHUTDOWN_GRACE_MS: process.env['SHUTDOWN_GRACE_MS'] ?? '200',
    KAFKA_BROKERS: around.brokers.join(','),
    DATABASE_URL: around.databaseUrls[schema],
    MIGRATE: 'true',
    ...env(around),
  };
}
