import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DeadLetter, QuarantineResolved } from '#contracts';

const run = promisify(execFile);

export interface Listed {
  readonly letter: DeadLetter;
  readonly resolved?: QuarantineResolved;
}

/** `npm run quarantine -- …` as an operator calls it, at a log. */
export class QuarantineCommand {
  constructor(private readonly brokers: readonly string[]) {}

  /** What it prints. Rejects with what it says on its error output when it exits with 1. */
  async run(...args: string[]): Promise<string> {
    const env = { ...process.env, NODE_OPTIONS: '', KAFKA_BROKERS: this.brokers.join(',') };
    const program = ['--disable-warning=TimeoutNegativeWarning', 'dist/tools/quarantine/main.js'];
    return (await run(process.execPath, [...program, ...args], { env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  }

  async list(...args: string[]): Promise<Listed[]> {
    return JSON.parse(await this.run('list', '--json', ...args)) as Listed[];
  }
}
