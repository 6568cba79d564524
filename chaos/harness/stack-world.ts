import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { NodeProcess } from '../../bench/harness/node-process.js';
import type { Stack } from '../../tools/platform/stack.js';
import { askOnce, type Observed, signIn } from './observed.js';

const startMs = 180_000;

/** The platform as a user starts it, known only by its stack.json. */
export class StackWorld implements Observed {
  private constructor(
    readonly dir: string,
    private readonly supervisor: NodeProcess,
    private last: Stack,
  ) {}

  /** @param env more settings, which reach the services. */
  static async start(portBase: number, env: Readonly<Record<string, string>> = {}): Promise<StackWorld> {
    const dir = await mkdtemp(join(tmpdir(), 'phanhoi-stack-'));
    const supervisor = NodeProcess.start(
      'npm start',
      'dist/tools/platform/main.js',
      {
        ...{ PHANHOI_HOME: dir, PHANHOI_PORT_BASE: String(portBase), NODE_ENV: 'development' },
        ...{ HOME: process.env.HOME ?? '', ...env },
      },
      { logFile: `${dir}.log` },
    );
    const deadline = Date.now() + startMs;
    while (Date.now() < deadline && supervisor.running) {
      const stack = await readStackFile(dir);
      if (stack !== undefined) return new StackWorld(dir, supervisor, stack);
      await delay(200);
    }
    throw new Error(`the platform did not start:\n${supervisor.lastWords}`);
  }

  /** The stack as its file says now. */
  async stack(): Promise<Stack> {
    this.last = (await readStackFile(this.dir)) ?? this.last;
    return this.last;
  }

  get known(): Stack {
    return this.last;
  }

  get brokers(): readonly string[] {
    return this.last.kafka;
  }

  get reportingUrl(): string | undefined {
    return this.last.services.reporting?.url;
  }

  get entrances(): { formUrl: () => string; smtpUrl: string; to: string; dir: string } {
    const { services, smtp, mailboxes } = this.last;
    return {
      formUrl: () => services['web-form-intake']?.url ?? '',
      smtpUrl: smtp,
      to: mailboxes.support?.address ?? '',
      dir: this.dir,
    };
  }

  async sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return askOnce<Row>(this.last.postgres, text, values);
  }

  async token(role: string): Promise<string> {
    const account = this.last.accounts[role];
    return signIn(this.last.services.ticketing?.url ?? '', account?.email ?? '', account?.password ?? '');
  }

  async close(): Promise<void> {
    await this.supervisor.stop();
    await rm(this.dir, { recursive: true, force: true });
    await rm(`${this.dir}.log`, { force: true });
  }
}

async function readStackFile(dir: string): Promise<Stack | undefined> {
  try {
    return JSON.parse(await readFile(join(dir, 'stack.json'), 'utf8')) as Stack;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
