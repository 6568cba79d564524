import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface ServiceProcess {
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

/** A built service as a process of its own, so that it can be killed, and started again with other settings. */
export function startServiceProcess(name: string, settings: Readonly<Record<string, string>>): ServiceProcess {
  const program = join(import.meta.dirname, `../../dist/services/${name}.js`);
  const child = spawn(process.execPath, [program], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, NODE_ENV: 'test', LOG_LEVEL: 'silent', SHUTDOWN_GRACE_MS: '0', ...settings },
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
