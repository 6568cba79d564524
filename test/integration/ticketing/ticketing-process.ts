import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../../../tools/platform/index.js';
import { threadSecret } from './ticketing-stage.js';

export interface TicketingProcess {
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

/** The built service as a process of its own, so that it can be killed. */
export async function startTicketing(options: {
  readonly databaseUrl: string;
  readonly brokers: readonly string[];
  readonly storeDir: string;
  readonly instance?: string;
  readonly failpoint?: string;
}): Promise<TicketingProcess> {
  const program = join(import.meta.dirname, '../../../dist/services/ticketing.js');
  const child: ChildProcess = spawn(process.execPath, [program], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      SHUTDOWN_GRACE_MS: '0',
      PORT: String(await freePort()),
      INSTANCE: options.instance ?? 'one',
      DATABASE_URL: options.databaseUrl,
      KAFKA_BROKERS: options.brokers.join(','),
      STORE_DIR: options.storeDir,
      THREAD_SECRETS: threadSecret,
      ...(options.failpoint === undefined ? {} : { FAILPOINT: options.failpoint }),
    },
  });
  const exited = once(child, 'exit');
  return {
    exited,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
}
