import { z } from 'zod';
import { accountOptions, type ChannelAccount, SettingsError } from '#env';
import { sendingRate } from '#intake';
import { normalizeAddress } from '../normalize/addresses.js';
import type { MailAccount } from '../normalize/context.js';

/** `implicit`: TLS from the first byte; `starttls`: upgraded or refused; `none`: only for a server on this machine. */
const tls = z.enum(['implicit', 'starttls', 'none']);
const address = z.string().transform((value, context) => {
  const normalized = normalizeAddress(value);
  if (normalized !== undefined) return normalized;
  context.addIssue({ code: 'custom', message: 'must be an address' });
  return z.NEVER;
});
const domain = z
  .string()
  .regex(/^[^\s@]+$/)
  .transform((value) => value.toLowerCase());

/** The keys of `options` of a mailbox in config/channels.yaml; README.md documents them. */
const optionsSchema = z.strictObject({
  imap: z.strictObject({
    host: z.string(),
    port: z.coerce.number().int().min(1).max(65_535).default(993),
    tls: tls.default('implicit'),
  }),
  smtp: z.strictObject({
    host: z.string(),
    port: z.coerce.number().int().min(1).max(65_535).default(587),
    tls: tls.default('starttls'),
  }),
  inbox: z.string().default('INBOX'),
  sentFolder: z.string().default('Sent'),
  readSent: z.boolean().default(true),
  appendToSent: z.boolean().default(true),
  since: z.union([z.iso.date(), z.iso.datetime({ offset: true })]).optional(),
  rate: sendingRate.optional(),
  senderName: z.string().max(200).optional(),
  plusAddress: z.boolean().default(true),
  aliases: z.array(address).default([]),
  authservId: z.string().optional(),
  dkimSelector: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,200}$/i)
    .optional(),
  ownDomains: z.array(domain).default([]),
  ownAddresses: z.array(address).default([]),
});
const credentialsSchema = z.union([
  z.strictObject({ user: z.string(), password: z.string() }),
  z.strictObject({
    user: z.string(),
    issuer: z.url(),
    clientId: z.string().min(1),
    clientSecret: z.string().optional(),
    refreshToken: z.string().min(1),
  }),
]);

/** A password, or what an access token is got with. */
type MailCredentials = z.output<typeof credentialsSchema>;
export type OAuthCredentials = Extract<MailCredentials, { issuer: string }>;

export interface Mailbox {
  readonly id: string;
  readonly address: string;
  readonly credentials: MailCredentials;
  readonly options: z.output<typeof optionsSchema>;
  /** What normalize knows of the account. */
  readonly mail: MailAccount;
}

export type FolderName = 'inbox' | 'sent';

/**
 * The mailboxes among the configured accounts.
 * @throws SettingsError naming the account and the key.
 */
export function mailboxesOf(accounts: readonly ChannelAccount[]): Mailbox[] {
  return accounts.filter((account) => account.channel === 'email').map(toMailbox);
}

function toMailbox(account: ChannelAccount): Mailbox {
  if (account.provider !== 'imap') throw new SettingsError(`channel account ${account.id}: provider must be imap`);
  const own = normalizeAddress(account.address);
  if (own === undefined) throw new SettingsError(`channel account ${account.id}: address must be an address`);
  const options = accountOptions(account, optionsSchema);
  const addresses = [own, ...options.aliases];
  return {
    id: account.id,
    address: own,
    credentials: accountOptions(account, credentialsSchema, 'credentials'),
    options,
    mail: {
      id: account.id,
      addresses,
      ...(options.authservId === undefined ? {} : { authservId: options.authservId }),
      staff: { domains: new Set(options.ownDomains), addresses: new Set([...options.ownAddresses, ...addresses]) },
    },
  };
}
