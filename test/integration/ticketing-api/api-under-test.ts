import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { z } from 'zod';
import type { FeedbackReceived, Role } from '#contracts';
import { createService, ServiceModule, type ServiceSettings } from '#http';
import { PostgresModule } from '#postgres';
import { type TestDatabase, testBrokers, testDatabase, waitFor } from '#testing';
import { answerSettings } from '../../../apps/ticketing/src/api/answer-settings.js';
import { uploadSettings } from '../../../apps/ticketing/src/api/upload-settings.js';
import { ApiModule } from '../../../apps/ticketing/src/api/api.module.js';
import { configure } from '../../../apps/ticketing/src/configure.js';
import { consume, intakeProviders } from './consumption.js';
import type { BootstrapAccount } from '../../../apps/ticketing/src/api/settings.js';
import { SearchProjectionStore } from '../../../apps/ticketing/src/store/search-projection.store.js';
import { StoreModule } from '../../../apps/ticketing/src/store/store.module.js';
import { migrations } from '../../../apps/ticketing/src/store/migrations/migrations.js';

export const accounts = {
  admin: { email: 'admin@example.vn', password: 'mat-khau-admin', role: 'admin', name: 'Quản trị' },
  supervisor: {
    email: 'supervisor@example.vn',
    password: 'mat-khau-supervisor',
    role: 'supervisor',
    name: 'Trưởng nhóm',
  },
  agent: { email: 'agent@example.vn', password: 'mat-khau-agent', role: 'agent', name: 'Nguyễn Thị Hoa' },
  analyst: { email: 'analyst@example.vn', password: 'mat-khau-analyst', role: 'analyst', name: 'Phân tích' },
} as const satisfies Record<Role, BootstrapAccount>;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  // biome-ignore lint: bodies are judged by whole-value matchers
  readonly body: Record<string, unknown>;
  readonly text: string;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly as?: Role;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

const service: ServiceSettings = {
  NODE_ENV: 'test',
  LOG_LEVEL: 'error',
  INSTANCE: 'one',
  HOST: '127.0.0.1',
  PORT: 0,
  SHUTDOWN_GRACE_MS: 0,
  TRUSTED_PROXIES: ['127.0.0.1'],
};

/** The ticketing API over a database of its own, without consumers. */
export class ApiUnderTest {
  private readonly tokens = new Map<Role, string>();

  private constructor(
    readonly db: TestDatabase,
    readonly app: NestFastifyApplication,
    readonly storeDir: string,
  ) {}

  static async start(): Promise<ApiUnderTest> {
    const db = await testDatabase({ schema: 'ticketing', migrations });
    const storeDir = await mkdtemp(join(tmpdir(), 'ticketing-api-'));
    const app = await ApiUnderTest.replica(db, storeDir);
    await waitFor(async () => {
      const rows = await db.database.query({ name: 'accounts_ready', text: 'SELECT id FROM accounts' });
      return rows.length === Object.keys(accounts).length;
    });
    return new ApiUnderTest(db, app, storeDir);
  }

  /** One more process of the API, as far as state goes. */
  static async replica(db: TestDatabase, storeDir: string): Promise<NestFastifyApplication> {
    const root: DynamicModule = {
      providers: intakeProviders,
      module: class TicketingApi {},
      imports: [
        ServiceModule.forRoot({ name: 'ticketing', settings: service }),
        StoreModule.forRoot({ prefix: 'PH' }),
        PostgresModule.forRoot({ url: db.url, schema: 'ticketing', applicationName: 'ticketing-api' }),
        ApiModule.forRoot({
          TOKEN_ISSUER: 'phanhoi',
          TOKEN_AUDIENCE: 'phanhoi',
          ...z.object(answerSettings).parse({}),
          ...z.object(uploadSettings).parse({}),
          KAFKA_BROKERS: testBrokers(),
          INSTANCE: 'one',
          STORE_DIR: storeDir,
          BOOTSTRAP_ACCOUNTS: Object.values(accounts),
        }),
      ],
    };
    const app = await createService({ name: 'ticketing', settings: service, module: root, configure });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    return app;
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.db.close();
    await rm(this.storeDir, { recursive: true });
  }

  /** What the consumer does with events from the log; the number of the ticket of the last one. */
  async receive(...events: FeedbackReceived[]): Promise<string> {
    await consume(this.app, events);
    const [ticket] = await this.db.database.query<{ number: number }>({
      name: 'ticket_of_event',
      text: 'SELECT t.number FROM messages m JOIN tickets t ON t.id = m.ticket_id WHERE m.id = $1',
      values: [events.at(-1)?.id],
    });
    return `PH-${ticket?.number}`;
  }

  /** What the search timer does. */
  async projectSearch(): Promise<void> {
    const search = this.app.get(SearchProjectionStore);
    while ((await search.project()) > 0);
  }

  async token(role: Role): Promise<string> {
    const known = this.tokens.get(role);
    if (known !== undefined) return known;
    const { email, password } = accounts[role];
    const { body } = await this.call({ method: 'POST', url: '/api/v1/auth/token', body: { email, password } });
    this.tokens.set(role, String(body.accessToken));
    return String(body.accessToken);
  }

  async call({ method = 'GET', url, as, token, body, headers = {} }: Call): Promise<Answer> {
    const bearer = token ?? (as === undefined ? undefined : await this.token(as));
    const answer = await this.app.inject({
      method,
      url,
      headers: {
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const isJson = String(answer.headers['content-type']).includes('json');
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: isJson && answer.body !== '' ? answer.json<Record<string, unknown>>() : {},
      text: answer.body,
    };
  }
}
