import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGreenMail, startKafka, startPostgres } from '../platform/index.js';

export interface TestInfrastructure {
  /** What the specs read through #testing. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

type Stopper = () => Promise<void>;

/**
 * Fresh PostgreSQL, Kafka and mail server on free ports and in a temporary folder; each is left out when its TEST_* variable says that
 * one is there already. fsync stays on: the specs must see what production sees.
 */
export async function startTestInfrastructure(
  given: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<TestInfrastructure> {
  const dir = await mkdtemp(join(tmpdir(), 'phanhoi-test-'));
  const stoppers: Stopper[] = [];
  const env: Record<string, string> = {};
  const stop = async () => {
    await Promise.all(stoppers.map((end) => end()));
    await rm(dir, { recursive: true, force: true });
  };
  const starting = [
    async () => {
      if (given['TEST_POSTGRES_URL'] !== undefined) return;
      const postgres = await startPostgres({ dataDir: join(dir, 'postgres'), maxConnections: 300 });
      stoppers.push(() => postgres.stop());
      env['TEST_POSTGRES_URL'] = postgres.url;
    },
    async () => {
      if (given['TEST_KAFKA_BROKERS'] !== undefined) return;
      const kafka = await startKafka({ dir: join(dir, 'kafka'), say });
      stoppers.push(() => kafka.stop());
      env['TEST_KAFKA_BROKERS'] = kafka.brokers.join(',');
    },
    async () => {
      if (given['TEST_SMTP_URL'] !== undefined && given['TEST_IMAP_URL'] !== undefined) return;
      const mail = await startGreenMail({ dir: join(dir, 'mail'), say });
      stoppers.push(() => mail.stop());
      env['TEST_SMTP_URL'] = mail.smtpUrl;
      env['TEST_IMAP_URL'] = mail.imapUrl;
    },
  ];
  const outcomes = await Promise.allSettled(starting.map((start) => start()));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return { env, stop };
}
