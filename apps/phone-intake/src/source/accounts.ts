import { z } from 'zod';
import { callDirections, callOutcomes } from '#contracts';
import { accountOptions, type ChannelAccount, SettingsError } from '#env';
import { sendingRate } from '#intake';
import { callTable } from '../normalize/call-table.js';
import { e164Of } from '../normalize/number.js';

const secret = z.string().min(1);
const webAddress = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
const line = z.string().min(1).max(100).optional();
const maxSegments = z.coerce.number().int().min(1).max(100).default(10);

const twilioCredentials = z.strictObject({
  accountSid: z.string().min(1),
  authToken: secret,
  /** Still accepted while the token is rotated. */
  previousAuthToken: secret.optional(),
});
const twilioOptions = z.strictObject({
  line,
  messagingServiceSid: z.string().optional(),
  apiUrl: webAddress.default('https://api.twilio.com'),
  /** Hosts that media may be fetched from, redirects included; another `apiUrl` than Twilio's counts without being named. */
  mediaHosts: z.array(z.string()).default(['api.twilio.com', 'mms.twiliocdn.com', 'media.twiliocdn.com']),
  maxSegments,
  rate: sendingRate.optional(),
  /** Whoever makes calls from this number has their status reported to us: then they are looked for too after a failure. */
  outgoingCalls: z.boolean().default(false),
  /** How the tables of calls are written that are imported for it. */
  table: callTable.prefault({}),
});

/** HMAC over the raw bytes of the body. */
const signature = z.strictObject({
  header: z.string().transform((name) => name.toLowerCase()),
  algorithm: z.enum(['sha256', 'sha512', 'sha1']).default('sha256'),
  encoding: z.enum(['hex', 'base64']).default('hex'),
  prefix: z.string().default(''),
});
export type SignatureOptions = z.output<typeof signature>;
const hmacCredentials = z.looseObject({ webhookSecret: secret, previousWebhookSecret: secret.optional() });
/** A path with dots into the provider's JSON. */
const path = z.string().min(1).max(200);

const gatewayOptions = z.strictObject({
  line,
  maxSegments,
  rate: sendingRate.optional(),
  /** `{to}`, `{text}`, `{from}`, `{id}` and `{callback}` in values are filled in. */
  request: z.strictObject({
    url: webAddress,
    method: z.enum(['POST', 'PUT']).default('POST'),
    format: z.enum(['json', 'form']).default('json'),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.record(z.string(), z.string()),
  }),
  /** A 2xx counts as sent when `field` (if named) has one of these values. */
  success: z.strictObject({ field: path, values: z.array(z.coerce.string()).min(1) }).optional(),
  messageId: path.optional(),
  signature,
  inbound: z.strictObject({ id: path, from: path, to: path, text: path, at: path.optional() }),
  status: z.strictObject({
    /** Where our reply id comes back, as sent in `{id}`. */
    reply: path,
    state: path,
    states: z.record(z.string(), z.enum(['sent', 'delivered', 'read', 'failed'])),
    detail: path.optional(),
  }),
});
export type GatewayOptions = z.output<typeof gatewayOptions>;

const pbxOptions = z.strictObject({
  line,
  signature,
  fields: z.strictObject({
    id: path.optional(),
    direction: path.optional(),
    from: path,
    to: path,
    startedAt: path,
    answeredAt: path.optional(),
    duration: path,
    outcome: path,
    agent: path.optional(),
    recording: path.optional(),
  }),
  directions: z.record(z.string(), z.enum(callDirections)).default({ inbound: 'inbound', outbound: 'outbound' }),
  outcomes: z.record(z.string(), z.enum(callOutcomes)),
  /** How the tables of calls are written that are imported for it. */
  table: callTable.prefault({}),
});
export type PbxOptions = z.output<typeof pbxOptions>;

interface Base {
  readonly id: string;
  readonly channel: 'sms' | 'phone';
  /** E.164, or a short code as written. */
  readonly number: string;
  readonly line: string;
}
export interface TwilioAccount extends Base {
  readonly provider: 'twilio';
  readonly credentials: z.output<typeof twilioCredentials>;
  readonly options: z.output<typeof twilioOptions>;
}
export interface GatewayAccount extends Base {
  readonly provider: 'gateway';
  readonly secrets: readonly string[];
  readonly options: GatewayOptions;
}
export interface PbxAccount extends Base {
  readonly provider: 'pbx';
  readonly secrets: readonly string[];
  readonly options: PbxOptions;
}
export type TelephoneAccount = TwilioAccount | PbxAccount;
type SmsAccount = TwilioAccount | GatewayAccount;
export type PhoneAccount = TwilioAccount | GatewayAccount | PbxAccount;

/** Whether short messages come and go by it, rather than calls. */
export function isForSms(account: PhoneAccount): account is SmsAccount {
  return account.channel === 'sms';
}

/**
 * The numbers among the configured accounts.
 * @throws SettingsError naming the account and the key.
 */
export function phoneAccountsOf(accounts: readonly ChannelAccount[]): PhoneAccount[] {
  return accounts.filter(({ channel }) => channel === 'sms' || channel === 'phone').map(toPhoneAccount);
}

function toPhoneAccount(account: ChannelAccount): PhoneAccount {
  const { id, address } = account;
  if (address === undefined) throw new SettingsError(`channel account ${id}: address must be our number`);
  const number = e164Of(address) ?? address;
  const base = { id, channel: account.channel as Base['channel'], number };
  if (account.provider === 'twilio') {
    const options = accountOptions(account, twilioOptions);
    const credentials = accountOptions(account, twilioCredentials, 'credentials');
    return { ...base, provider: 'twilio', credentials, options, line: options.line ?? number };
  }
  const secretsOf = () => {
    const { webhookSecret, previousWebhookSecret } = accountOptions(account, hmacCredentials, 'credentials');
    return previousWebhookSecret === undefined ? [webhookSecret] : [webhookSecret, previousWebhookSecret];
  };
  if (account.channel === 'sms' && account.provider === 'gateway') {
    const options = accountOptions(account, gatewayOptions);
    return { ...base, provider: 'gateway', secrets: secretsOf(), options, line: options.line ?? number };
  }
  if (account.channel === 'phone' && account.provider === 'pbx') {
    const options = accountOptions(account, pbxOptions);
    return { ...base, provider: 'pbx', secrets: secretsOf(), options, line: options.line ?? number };
  }
  throw new SettingsError(`channel account ${id}: provider must be twilio, or gateway (sms) or pbx (phone)`);
}
