import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { topicDefinitions } from '#contracts';
import { type ChannelAccount, loadSettings } from '#env';
import { createService } from '#http';
import { ensureTopics, type LogRecord, readTopic } from '#kafka';
import { createLogger } from '#observability';
import { type TestDatabase, testBrokers, testDatabase, uniqueName } from '#testing';
import { AppModule, appName } from '../../../apps/web-form-intake/src/app.module.js';
import { configure, consumers } from '../../../apps/web-form-intake/src/configure.js';
import { settingsSchema } from '../../../apps/web-form-intake/src/env.js';
import { migrations } from '../../../apps/web-form-intake/src/store/migrations/migrations.js';

const silent = createLogger('test', 'silent');

export interface ServiceUnderTest {
  readonly app: NestFastifyApplication;
  readonly database: TestDatabase;
  readonly storeFolder: string;
  /** Ids of the forms: unique, so that tests side by side on one log find their own events. */
  readonly forms: { readonly plain: string; readonly rich: string };
  close(): Promise<void>;
}

/**
 * The whole service on real Kafka and Postgres, without a port; `listen` gives it one.
 * @param consumes true in one file alone: services of this kind beside each other take each other's replays.
 */
export async function startService({ consumes = false } = {}): Promise<ServiceUnderTest> {
  await ensureTopics({ brokers: testBrokers(), clientId: 'test', logger: silent }, topicDefinitions([appName]), {
    replication: 1,
  });
  const database = await testDatabase({ schema: 'web_form', migrations });
  const storeFolder = await mkdtemp(join(tmpdir(), 'web-form-store-'));
  const forms = { plain: uniqueName('feedback'), rich: uniqueName('request') };
  const settings = loadSettings(settingsSchema, {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    PORT: '0',
    INSTANCE: uniqueName('test'),
    KAFKA_BROKERS: testBrokers().join(','),
    DATABASE_URL: database.url,
    STORE_DIR: storeFolder,
    CONVERSATION_SECRET: 'a secret of at least thirty-two characters',
    RATE_LIMIT_REQUESTS: '100000',
    FILES_MAX_BYTES: '100000',
    FILES_MAX_TOTAL_BYTES: '3000000',
  });
  const module = AppModule.forRoot(settings, accounts(forms));
  const app = await createService({ name: appName, settings, module, configure, consumers });
  if (consumes) await app.startAllMicroservices();
  await app.init();
  return {
    app,
    database,
    storeFolder,
    forms,
    close: async () => {
      await app.close();
      await database.close();
      await rm(storeFolder, { recursive: true });
    },
  };
}

function accounts(forms: ServiceUnderTest['forms']): ChannelAccount[] {
  const account = (id: string, options: Record<string, unknown>): ChannelAccount => ({
    id,
    channel: 'web_form',
    provider: 'form',
    credentials: {},
    options,
  });
  return [
    account(forms.plain, { default: true, title: { vi: 'Gửi phản hồi', en: 'Send feedback' } }),
    account(forms.rich, {
      title: { vi: 'Yêu cầu hỗ trợ', en: 'Ask for support' },
      introduction: { vi: 'Chúng tôi trả lời trong ngày.', en: 'We answer within the day.' },
      origins: ['http://example.test'],
      consent: { text: { vi: 'Tôi đồng ý xử lý dữ liệu.', en: 'I consent.' }, required: true, version: '2026-01' },
      fields: [
        { name: 'unit', label: { vi: 'Đơn vị', en: 'Unit' }, required: true },
        { name: 'lines', type: 'number', label: { vi: 'Số đường dây', en: 'Lines' } },
        {
          name: 'topic',
          type: 'choice',
          label: { vi: 'Chủ đề', en: 'Topic' },
          choices: [
            { value: 'internet', label: { vi: 'Mạng', en: 'Internet' } },
            { value: 'phone', label: { vi: 'Điện thoại', en: 'Phone' } },
          ],
        },
      ],
    }),
  ];
}

/** Every record of a topic, written since a moment, with this key where one is given. */
export async function recordsOf(topic: string, key: string | undefined, since: number): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  await readTopic(
    { brokers: testBrokers(), clientId: 'test', logger: silent },
    {
      topic,
      from: since,
      onRecord: (record) => {
        if (key === undefined || record.key === key) found.push(record);
      },
    },
  );
  return found;
}
