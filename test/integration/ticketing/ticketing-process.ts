import { freePort } from '../../../tools/platform/index.js';
import { type ServiceProcess, startServiceProcess } from '../service-process.js';
import { threadSecret } from './ticketing-stage.js';

/** Ticketing as a process of its own. */
export async function startTicketing(options: {
  readonly databaseUrl: string;
  readonly brokers: readonly string[];
  readonly storeDir: string;
  readonly instance?: string;
  readonly failpoint?: string;
}): Promise<ServiceProcess> {
  return startServiceProcess('ticketing', {
    PORT: String(await freePort()),
    INSTANCE: options.instance ?? 'one',
    DATABASE_URL: options.databaseUrl,
    KAFKA_BROKERS: options.brokers.join(','),
    STORE_DIR: options.storeDir,
    THREAD_SECRETS: threadSecret,
    ...(options.failpoint === undefined ? {} : { FAILPOINT: options.failpoint }),
  });
}
