import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apps, topicDefinitions } from '#contracts';
import { ensureTopics } from '#kafka';
import { createLogger } from '#observability';
import { testDatabase, type TestDatabase, uniqueName, waitFor } from '#testing';
import { migrations as phoneMigrations } from '../../../apps/phone-intake/src/store/migrations.js';
import { migrations as reportingMigrations } from '../../../apps/reporting/src/store/migrations/migrations.js';
import { entities } from '../../../apps/ticketing/src/store/entities.js';
import { migrations as ticketingMigrations } from '../../../apps/ticketing/src/store/migrations/migrations.js';
import { freePorts, type RunningKafka, startKafka } from '../../../tools/platform/index.js';
import { issueTokens } from '../access-tokens.js';
import { type ServiceProcess, startServiceProcess } from '../service-process.js';
import { startTicketing } from '../ticketing/ticketing-process.js';

const webhookSecret = 'a secret of the gateway';
/** The body of an SMS as the gateway writes it. */
const aMessage = (id: string, text: string) =>
  JSON.stringify({ id, from: '0901234567', to: '02363888999', text, at: new Date().toISOString() });

interface Parts {
  readonly dir: string;
  readonly kafka: RunningKafka;
  readonly tokens: Awaited<ReturnType<typeof issueTokens>>;
  readonly phone: TestDatabase;
  readonly ticketing: TestDatabase;
  readonly reporting: TestDatabase;
  readonly ports: { readonly phone: number; readonly reporting: number };
}

/** phone-intake, ticketing and reporting as they are deployed, on a broker of their own: their topics and groups have fixed names. */
export class PlatformUnderTest {
  readonly account = uniqueName('gate').toLowerCase();
  readonly source = `sms:${this.account}`;
  #intake: ServiceProcess | undefined;
  readonly #others: ServiceProcess[] = [];

  private constructor(private readonly parts: Parts) {}

  /** @param sender the field in which the gateway's settings expect the sender */
  static async start(sender: string): Promise<PlatformUnderTest> {
    const dir = await mkdtemp(join(tmpdir(), 'phanhoi-quarantine-'));
    const kafka = await startKafka({ dir: join(dir, 'kafka') });
    const address = { brokers: kafka.brokers, clientId: 'test', logger: createLogger('test', 'silent') };
    await ensureTopics(address, topicDefinitions(apps), { replication: 1 });
    const phone = await testDatabase({ schema: 'phone', migrations: phoneMigrations });
    const ticketing = await testDatabase({ schema: 'ticketing', migrations: ticketingMigrations, entities });
    const reporting = await testDatabase({ schema: 'reporting', migrations: reportingMigrations });
    const [phonePort = 0, reportingPort = 0] = await freePorts(2);
    const tokens = await issueTokens();
    const ports = { phone: phonePort, reporting: reportingPort };
    const platform = new PlatformUnderTest({ dir, kafka, tokens, phone, ticketing, reporting, ports });
    const databaseUrl = ticketing.url;
    platform.#others.push(
      await startTicketing({ databaseUrl, brokers: kafka.brokers, storeDir: dir }),
      startServiceProcess('reporting', platform.#settings(reportingPort, reporting)),
    );
    await platform.configureGateway(sender);
    await waitFor(async () => (await platform.admin('GET', 'quarantine')).status === 200);
    return platform;
  }

  get brokers(): readonly string[] {
    return this.parts.kafka.brokers;
  }

  /** Starts the intake, again where it runs, with settings that expect the sender of an SMS in this field. */
  async configureGateway(sender: string): Promise<void> {
    await this.#intake?.stop();
    const { dir, phone, ports } = this.parts;
    const url = `http://127.0.0.1:${ports.phone}`;
    const channelsFile = join(dir, 'channels.yaml');
    const options = {
      request: { url, body: { Phone: '{to}' } },
      signature: { header: 'X-Gateway-Signature' },
      inbound: { id: 'id', from: sender, to: 'to', text: 'text', at: 'at' },
      status: { reply: 'RequestId', state: 'Status', states: { DELIVRD: 'delivered' } },
    };
    const gateway = { id: this.account, channel: 'sms', provider: 'gateway', address: '+842363888999' };
    // JSON is YAML.
    await writeFile(
      channelsFile,
      JSON.stringify({ accounts: [{ ...gateway, credentials: { webhookSecret }, options }] }),
    );
    this.#intake = startServiceProcess('phone-intake', {
      ...this.#settings(ports.phone, phone),
      CHANNELS_FILE: channelsFile,
      CONVERSATION_SECRET: 'a conversation secret of thirty-two characters',
      PUBLIC_URL: url,
    });
    await waitFor(async () => (await fetch(`${url}/health/ready`)).ok);
  }

  /** The gateway hands an SMS in, and the intake has it; gives the bytes that it sent. */
  async sendSms(id: string, text: string): Promise<string> {
    const body = aMessage(id, text);
    const signature = createHmac('sha256', webhookSecret).update(body).digest('hex');
    const { status } = await fetch(`http://127.0.0.1:${this.parts.ports.phone}/webhooks/sms/${this.account}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'x-gateway-signature': signature },
    });
    expect(status).toBe(204);
    return body;
  }

  /** Reporting's API in the name of an administrator. */
  async admin(method: 'GET' | 'POST', path: string, body?: object): Promise<{ status: number; text: string }> {
    const authorization = `Bearer ${await this.parts.tokens.issue('admin')}`;
    const response = await fetch(`http://127.0.0.1:${this.parts.ports.reporting}/api/v1/${path}`, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  }

  /** On how many tickets an SMS lies, and as how many messages. */
  async stored(id: string): Promise<{ messages: number; tickets: number }> {
    const [row] = await this.parts.ticketing.dataSource.query<{ messages: number; tickets: number }[]>(
      `select count(*)::int as messages, count(distinct ticket_id)::int as tickets from messages where provider_message_id = $1`,
      [id],
    );
    return row ?? { messages: 0, tickets: 0 };
  }

  /** From now on ticketing's table refuses this text, as a wrong migration would make it; the result takes that back. */
  async refuseText(text: string): Promise<() => Promise<void>> {
    const { dataSource } = this.parts.ticketing;
    await dataSource.query(`alter table messages add constraint refusal check (text is distinct from '${text}')`);
    return async () => {
      await dataSource.query('alter table messages drop constraint refusal');
    };
  }

  async close(): Promise<void> {
    const { dir, kafka, tokens, phone, ticketing, reporting } = this.parts;
    const running = this.#intake === undefined ? this.#others : [this.#intake, ...this.#others];
    await Promise.all(running.map((service) => service.stop()));
    tokens.close();
    await kafka.stop();
    await Promise.all([phone, ticketing, reporting].map((database) => database.close()));
    await rm(dir, { recursive: true, force: true });
  }

  #settings(port: number, database: TestDatabase): Record<string, string> {
    const { dir, kafka, tokens } = this.parts;
    return {
      PORT: String(port),
      INSTANCE: 'one',
      DATABASE_URL: database.url,
      KAFKA_BROKERS: kafka.brokers.join(','),
      STORE_DIR: dir,
      JWKS_URL: tokens.url,
    };
  }
}
