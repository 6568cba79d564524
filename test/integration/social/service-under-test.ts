import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Readable } from 'node:stream';
import {
  type Attachment,
  contracts,
  type DeadLetter,
  decode,
  type FeedbackReceived,
  type LedgerRecord,
  type ReplyDelivery,
  topicDefinitions,
  topics,
} from '#contracts';
import { type ChannelAccount, loadSettings } from '#env';
import { createService } from '#http';
import { FolderStore } from '#intake';
import { ensureTopics, readTopic } from '#kafka';
import { createLogger } from '#observability';
import { type TestDatabase, testBrokers, testDatabase, uniqueName, waitFor } from '#testing';
import { AppModule, appName } from '../../../apps/social-intake/src/app.module.js';
import { bodyLimit, configure, consumers } from '../../../apps/social-intake/src/configure.js';
import { settingsSchema } from '../../../apps/social-intake/src/env.js';
import { migrations } from '../../../apps/social-intake/src/store/migrations/migrations.js';

const silent = createLogger('test', 'silent');
const kafka = () => ({ brokers: testBrokers(), clientId: 'test', logger: silent });

/** The whole service on real Kafka and Postgres, listening. */
export class ServiceUnderTest {
  private readonly began = Date.now() - 1_000;

  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly database: TestDatabase,
    private readonly storeFolder: string,
  ) {}

  /**
   * @param overrides settings, e.g. the address of a broker that is away.
   * @param consumes false where another file's service of this kind may run beside it: they would take each other's requests.
   */
  static async start(
    accounts: readonly ChannelAccount[],
    overrides: Readonly<Record<string, string>> = {},
    { consumes = true }: { readonly consumes?: boolean } = {},
  ): Promise<ServiceUnderTest> {
    await ensureTopics(kafka(), topicDefinitions([appName]), { replication: 1 });
    const database = await testDatabase({ schema: 'social', migrations });
    const storeFolder = await mkdtemp(join(tmpdir(), 'social-store-'));
    const settings = loadSettings(settingsSchema, {
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      PORT: '0',
      INSTANCE: uniqueName('test'),
      KAFKA_BROKERS: testBrokers().join(','),
      DATABASE_URL: database.url,
      STORE_DIR: storeFolder,
      CONVERSATION_SECRET: 'a secret of at least thirty-two characters',
      MEDIA_MAX_BYTES: '100000',
      ...overrides,
    });
    const module = AppModule.forRoot(settings, accounts);
    const app = await createService({ name: appName, settings, module, configure, consumers, bodyLimit });
    if (consumes) await app.startAllMicroservices();
    await app.listen(0, '127.0.0.1');
    return new ServiceUnderTest(app, await app.getUrl(), database, storeFolder);
  }

  /** Every event of these accounts on the log, in its order, once `count` are there. */
  async events(accounts: readonly string[], count: number): Promise<FeedbackReceived[]> {
    return await waitFor(
      async () => {
        const events = await this.onLog(topics.feedbackReceived, contracts.feedbackReceived);
        const ours = events.filter(({ account }) => accounts.includes(account));
        return ours.length >= count ? ours : undefined;
      },
      { describe: `${count} events of ${accounts.join(', ')}` },
    );
  }

  async deadLetters(accounts: readonly string[]): Promise<DeadLetter[]> {
    const letters = await this.onLog(topics.dead(appName), contracts.deadLetter);
    return letters.filter(({ source }) => source.kind === 'intake' && accounts.includes(source.account));
  }

  /** What was told of replies, those of one reply in the order of the log. */
  async deliveries(): Promise<ReplyDelivery[]> {
    return await this.onLog(topics.replyDelivery, contracts.replyDelivery);
  }

  /** Bytes in the store, as an agent's file lies there. */
  async keep(name: string, mediaType: string, text: string): Promise<Attachment> {
    const stored = await new FolderStore(this.storeFolder).put(Readable.from([Buffer.from(text)]), { maxBytes: 1e6 });
    return { ...stored, name, mediaType, inline: false };
  }

  /** What the ledger was told of this source by asking its network. */
  async reconciled(source: string): Promise<LedgerRecord['reconciled']> {
    const records = await this.onLog(topics.ledger, contracts.ledgerRecord);
    return records.flatMap(({ reconciled }) => reconciled).filter((statement) => statement.source === source);
  }

  async filesInStore(): Promise<string[]> {
    const entries = await readdir(this.storeFolder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.database.close();
    await rm(this.storeFolder, { recursive: true });
  }

  private async onLog<Data>(topic: string, contract: Parameters<typeof decode<Data>>[0]): Promise<Data[]> {
    const found: Data[] = [];
    await readTopic(kafka(), {
      topic,
      from: this.began,
      onRecord: ({ headers, bytes }) => {
        const decoded = decode(contract, { headers, value: bytes });
        if (decoded.ok) found.push(decoded.data);
      },
    });
    return found;
  }
}
