import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { apps, type FeedbackReceived, type Role, type TicketChanged, topicDefinitions, topics } from '#contracts';
import { loadSettings } from '#env';
import { createService } from '#http';
import { ensureTopics, Publisher } from '#kafka';
import { createLogger } from '#observability';
import { type TestDatabase, testBrokers, testDatabase, testPostgresUrl, uniqueName } from '#testing';
import { countingInto } from '../../../apps/reporting/src/consume/counting.js';
import { settingsSchema } from '../../../apps/reporting/src/env.js';
import { reportingService } from '../../../apps/reporting/src/service-options.js';
import { issueTokens } from '../access-tokens.js';
import { migrations } from '../../../apps/reporting/src/store/migrations/migrations.js';
import { Tables } from '../../../apps/reporting/src/store/tables.js';

const silent = createLogger('test', 'silent');
export const address = () => ({ brokers: testBrokers(), clientId: 'test', logger: silent });

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** The whole service over a database of its own, called with tokens that it verifies against a published key. */
export class ServiceUnderTest {
  readonly zones = ['Asia/Ho_Chi_Minh', 'UTC'];
  readonly #counting = countingInto(new Tables(), this.zones);

  private constructor(
    readonly app: NestFastifyApplication,
    readonly db: TestDatabase,
    private readonly tokens: { issue(role: Role): Promise<string>; close(): void },
    readonly name: string,
  ) {}

  /** With `consuming`, from the shared log, under a group name of its own. */
  static async start(options: { readonly consuming: boolean }): Promise<ServiceUnderTest> {
    const [db, tokens] = await Promise.all([testDatabase({ schema: 'reporting', migrations }), issueTokens()]);
    const name = uniqueName('reporting');
    const settings = loadSettings(settingsSchema, {
      NODE_ENV: 'test',
      LOG_LEVEL: process.env.TEST_LOG ?? 'silent',
      PORT: '0',
      KAFKA_BROKERS: testBrokers().join(','),
      DATABASE_URL: db.url,
      JWKS_URL: tokens.url,
      STORE_DIR: '/nowhere',
    });
    const { consumers, ...service } = reportingService(settings, name);
    if (options.consuming) {
      const dead = { name: topics.dead(name), partitions: 1, config: {} };
      await ensureTopics(address(), [...topicDefinitions(apps), dead], { replication: 1 });
    }
    const app = await createService({ ...service, ...(options.consuming && consumers ? { consumers } : {}) });
    await app.startAllMicroservices();
    await app.init();
    return new ServiceUnderTest(app, db, tokens, name);
  }

  async get(url: string, role: Role | undefined = 'analyst'): Promise<Answer> {
    return await this.#ask({ method: 'GET', url }, role);
  }

  async post(url: string, payload: object, role: Role): Promise<Answer> {
    return await this.#ask({ method: 'POST', url, payload }, role);
  }

  async #ask(
    request: { readonly method: 'GET' | 'POST'; readonly url: string; readonly payload?: object },
    role: Role | undefined,
  ): Promise<Answer> {
    const authorization = role === undefined ? undefined : `Bearer ${await this.token(role)}`;
    const response = await this.app.inject({ ...request, headers: authorization ? { authorization } : {} });
    const json = /^application\/(problem\+)?json/.test(String(response.headers['content-type']));
    const body = json ? (JSON.parse(response.payload) as Record<string, unknown>) : {};
    return { status: response.statusCode, headers: response.headers, text: response.payload, body };
  }

  async token(role: Role): Promise<string> {
    return this.tokens.issue(role);
  }

  async count(facts: readonly TicketChanged[]): Promise<void> {
    await this.db.database.transaction((tx) => this.#counting.ticketFacts.apply(tx, facts));
  }

  async receive(events: readonly FeedbackReceived[]): Promise<void> {
    await this.db.database.transaction((tx) => this.#counting.receivedFeedback.apply(tx, events));
  }

  /** Outside of the service's database. */
  async asAdmin(statement: string): Promise<void> {
    const admin = new pg.Client(testPostgresUrl());
    await admin.connect();
    await admin.query(statement).finally(() => admin.end());
  }

  async close(): Promise<void> {
    await this.app.close();
    this.tokens.close();
    await this.db.close();
  }
}

/** One service for the tests of a file, which reads the log that they publish to. */
export function consumingServiceOfThisFile(use: (service: ServiceUnderTest, publisher: Publisher) => void): void {
  let service: ServiceUnderTest;
  let publisher: Publisher;
  beforeAll(async () => {
    service = await ServiceUnderTest.start({ consuming: true });
    publisher = new Publisher(address());
    await publisher.start();
    use(service, publisher);
  }, 60_000);
  afterAll(async () => {
    await service.close();
    await publisher.close();
  });
}
