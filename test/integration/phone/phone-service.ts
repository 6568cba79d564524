import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Contract, decode, type Role, topicDefinitions } from '#contracts';
import { type ChannelAccount, loadSettings } from '#env';
import { createService } from '#http';
import { ensureTopics, readTopic } from '#kafka';
import { createLogger } from '#observability';
import type { Database } from '#postgres';
import { SmsGatewaySimulator, testBrokers, testDatabase, TwilioSimulator, uniqueName } from '#testing';
import { AppModule } from '../../../apps/phone-intake/src/app.module.js';
import { configure, consumersOf } from '../../../apps/phone-intake/src/configure.js';
import { appName, settingsSchema } from '../../../apps/phone-intake/src/env.js';
import { phoneAccountsOf } from '../../../apps/phone-intake/src/source/accounts.js';
import { migrations } from '../../../apps/phone-intake/src/store/migrations.js';
import { issueTokens } from '../access-tokens.js';
import { freePort } from '../../../tools/platform/ports.js';

const logger = createLogger('test', 'silent');
const brokers = { brokers: testBrokers(), clientId: 'test', logger };

export const authToken = '12345';
export const previousAuthToken = 'the token before';
const webhookSecret = 'a secret of the gateway and of the exchange';
export const ourNumber = '+842363888999';

/** Headers of JSON that a gateway or an exchange has signed. */
export const signed = (text: string | Buffer, secret = webhookSecret) => ({
  'content-type': 'application/json',
  'x-gateway-signature': createHmac('sha256', secret).update(text).digest('hex'),
});

export interface PhoneService {
  readonly app: NestFastifyApplication;
  readonly url: string;
  /** The folder of attachments. */
  readonly store: string;
  /** Ids of accounts, unique, so that tests side by side on one log find their own events. */
  readonly ids: { readonly twilio: string; readonly gateway: string; readonly voice: string; readonly pbx: string };
  readonly twilio: TwilioSimulator;
  readonly gateway: SmsGatewaySimulator;
  readonly database: Database;
  readonly token: (role: Role) => Promise<string>;
  records<Data>(topic: string, contract: Contract<Data>, belongs: (data: Data) => boolean): Promise<Data[]>;
  close(): Promise<void>;
}

/**
 * The whole service on real Kafka and Postgres and a real port, beside its simulated providers.
 * @param consumes false where another file's service of this kind may run beside it: they would take each other's requests.
 */
export async function phoneService({ consumes = true } = {}): Promise<PhoneService> {
  const began = Date.now() - 1_000;
  await ensureTopics(brokers, topicDefinitions([appName]), { replication: 1 });
  const database = await testDatabase({ schema: 'phone', migrations });
  const folder = await mkdtemp(join(tmpdir(), 'phone-intake-'));
  const twilio = await TwilioSimulator.start({ accountSid: 'AC0123456789abcdef0123456789abcdef', authToken });
  const gateway = await SmsGatewaySimulator.start({ apiKey: 'key', webhookSecret });
  const id = (name: string) => uniqueName(name).replaceAll('_', '-').toLowerCase();
  const ids = { twilio: id('sms'), gateway: id('gate'), voice: id('voice'), pbx: id('pbx') };
  const tokens = await issueTokens();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings = loadSettings(settingsSchema, {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    PORT: String(port),
    INSTANCE: uniqueName('test'),
    KAFKA_BROKERS: testBrokers().join(','),
    DATABASE_URL: database.url,
    STORE_DIR: join(folder, 'store'),
    CONVERSATION_SECRET: 'a conversation secret of thirty-two characters',
    JWKS_URL: tokens.url,
    PUBLIC_URL: url,
  });
  const accounts = phoneAccountsOf(accountsOf(ids, twilio.api, gateway.api));
  const app = await createService({
    name: appName,
    settings,
    module: AppModule.forRoot(settings, accounts),
    configure,
    consumers: consumersOf(settings),
  });
  if (consumes) await app.startAllMicroservices();
  await app.listen(port, '127.0.0.1');
  return {
    ...{ app, url, ids, twilio, gateway, store: settings.STORE_DIR },
    database: database.database,
    token: tokens.issue,
    records: async (topic, contract, belongs) => {
      const found: ReturnType<typeof contract.schema.parse>[] = [];
      await readTopic(brokers, {
        topic,
        from: began,
        onRecord: ({ headers, bytes }) => {
          const decoded = decode(contract, { headers, value: bytes });
          if (decoded.ok && belongs(decoded.data)) found.push(decoded.data);
        },
      });
      return found;
    },
    close: async () => {
      await Promise.all([twilio.close(), gateway.close()]);
      await app.close();
      tokens.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function accountsOf(ids: PhoneService['ids'], twilioUrl: string, gatewayUrl: string): ChannelAccount[] {
  const twilio = { accountSid: 'AC0123456789abcdef0123456789abcdef', authToken, previousAuthToken };
  const signature = { header: 'X-Gateway-Signature' };
  const account = (id: string, channel: string, provider: string, rest: object): ChannelAccount => ({
    ...{ id, channel, provider, address: ourNumber, credentials: { webhookSecret }, options: {} },
    ...rest,
  });
  return [
    account(ids.twilio, 'sms', 'twilio', {
      credentials: twilio,
      options: { apiUrl: twilioUrl, maxSegments: 3 },
    }),
    account(ids.voice, 'phone', 'twilio', { credentials: twilio, options: { apiUrl: twilioUrl } }),
    account(ids.gateway, 'sms', 'gateway', {
      options: {
        request: {
          url: `${gatewayUrl}/send`,
          body: { ApiKey: 'key', Phone: '{to}', Content: '{text}', RequestId: '{id}', CallbackUrl: '{callback}' },
        },
        success: { field: 'CodeResult', values: ['100'] },
        messageId: 'SMSID',
        signature,
        inbound: { id: 'id', from: 'from', to: 'to', text: 'text', at: 'at' },
        status: { reply: 'RequestId', state: 'Status', states: { DELIVRD: 'delivered', UNDELIV: 'failed' } },
      },
    }),
    account(ids.pbx, 'phone', 'pbx', {
      options: {
        signature,
        fields: {
          id: 'uuid',
          from: 'caller',
          to: 'callee',
          startedAt: 'start',
          duration: 'billsec',
          outcome: 'result',
        },
        outcomes: { ANSWERED: 'answered', 'NO ANSWER': 'missed', BUSY: 'busy', FAILED: 'failed' },
        table: {
          columns: {
            id: 'Mã',
            from: 'Số gọi',
            to: 'Số nhận',
            startedAt: 'Bắt đầu',
            duration: 'Thời lượng',
            outcome: 'Kết quả',
            agent: 'Nhân viên',
          },
          outcomes: { ANSWERED: 'answered', 'NO ANSWER': 'missed' },
        },
      },
    }),
  ];
}
