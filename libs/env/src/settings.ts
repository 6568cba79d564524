import { z } from 'zod';

/** Settings that cannot be used. The message names keys and rules, never values: values may be secrets. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Parses the environment once, at start.
 * @param schema one `z.object` per app, built from the fragments below and its own keys.
 * @throws SettingsError naming every bad key.
 */
export function loadSettings<Schema extends z.ZodType>(
  schema: Schema,
  source: Readonly<Record<string, string | undefined>> = process.env,
): z.output<Schema> {
  const filled = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(filled);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || '(settings)'}: ${explain(issue)}`);
  throw new SettingsError(`settings are missing or wrong (see .env.example):\n${[...new Set(problems)].join('\n')}`);
}

function explain(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `is required, expected ${issue.expected}`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  // Messages of custom checks are ours and hold no value; others could quote the input.
  return issue.code === 'custom' ? issue.message : issue.code.replaceAll('_', ' ');
}

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** A comma-separated list with at least one member. */
export const nonEmptyList = list.refine((items): items is [string, ...string[]] => items.length > 0, {
  error: 'must name at least one, separated by commas',
});

/** `true` or `false`, spelled out: "0", "no" and typing errors are refused. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

const secret = z.string().refine((text) => text.length >= 32, { error: 'must have at least 32 characters' });

/** What every service has. */
export const serviceSettings = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('production'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Name of this replica, unique within the app: holder of leases. A pod's name on a cluster. */
  INSTANCE: z.string().max(200).default('single'),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65535),
  /** How long a service serves on after failing its readiness, so that balancers notice. Milliseconds. */
  SHUTDOWN_GRACE_MS: z.coerce.number().int().min(0).max(30_000).default(2_000),
  /** Addresses or networks whose X-Forwarded-For is believed, e.g. `10.0.0.0/8`. */
  TRUSTED_PROXIES: list.default([]),
} as const;

export const kafkaSettings = { KAFKA_BROKERS: nonEmptyList } as const;

export const databaseSettings = {
  DATABASE_URL: z.string().refine((url) => /^postgres(ql)?:\/\//.test(url), { error: 'must be a postgres:// address' }),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(200).default(10),
  /** Run this app's migrations at start; a cluster runs them as a job instead. */
  MIGRATE: flag.default(false),
} as const;

export const channelsSettings = { CHANNELS_FILE: z.string().default('config/channels.yaml') } as const;

/** The folder (or mount) of attachments and large originals that all services see. */
export const storeSettings = { STORE_DIR: z.string() } as const;

export const tokenSettings = {
  /** Where ticketing publishes its keys. */
  JWKS_URL: z.url(),
  TOKEN_ISSUER: z.string().default('phanhoi'),
  TOKEN_AUDIENCE: z.string().default('phanhoi'),
} as const;

/** Keys conversations; the same in all intakes, never rotated: conversation keys on the log must stay equal. */
export const conversationSettings = { CONVERSATION_SECRET: secret } as const;

/** Sign Message-IDs and plus-addresses; the first signs, all verify. */
export const threadSettings = {
  THREAD_SECRETS: nonEmptyList.refine((secrets) => secrets.every((text) => text.length >= 32), {
    error: 'each must have at least 32 characters',
  }),
} as const;
