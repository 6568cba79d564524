import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuSeconds, peakRss } from './machine.js';

/** A program of ours under measurement, in production mode, its output in a file. */
export class NodeProcess {
  /** Resolves when the process is gone, for whatever reason. */
  readonly ended: Promise<unknown>;
  private output = '';

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    this.ended = once(child, 'exit');
    for (const output of [child.stdout, child.stderr]) {
      output?.on('data', (chunk: Buffer) => {
        this.output = `${this.output}${String(chunk)}`.slice(-2_000);
      });
    }
  }

  /** @param program path under dist, e.g. `dist/services/ticketing.js`. */
  static start(
    name: string,
    program: string,
    env: Readonly<Record<string, string>>,
    options: { readonly logFile: string; readonly args?: readonly string[]; readonly nodeArgs?: readonly string[] },
  ): NodeProcess {
    const log = createWriteStream(options.logFile, { flags: 'a' });
    const child = spawn(process.execPath, [...(options.nodeArgs ?? []), program, ...(options.args ?? [])], {
      env: { PATH: process.env.PATH, NODE_ENV: 'production', TZ: 'UTC', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout?.pipe(log);
    child.stderr?.pipe(log);
    return new NodeProcess(name, child);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.name} did not start`);
    return this.child.pid;
  }

  /** The end of what it printed, for whoever asks why it died. */
  get lastWords(): string {
    return this.output;
  }

  /** The code with which it ends, null when a signal ended it. */
  async exitCode(): Promise<number | null> {
    await this.ended;
    return this.child.exitCode;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  cpuSeconds(): number {
    return cpuSeconds(this.pid);
  }

  peakRss(): number {
    return peakRss(this.pid);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 35_000);
    await this.ended;
    clearTimeout(timer);
  }

  /** Resolves once it is ready at this address; rejects after a minute, and as soon as it ends. */
  async untilReady(url: string): Promise<void> {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await delay(100)) {
      if (!this.running) throw new Error(`${this.name} ended at its start:\n${this.lastWords}`);
      const answer = await fetch(`${url}/health/ready`).catch((error: unknown) => error);
      if (answer instanceof Response && answer.ok) return;
    }
    throw new Error(`${this.name} did not get ready:\n${this.lastWords}`);
  }

  /** Fails as soon as the process ends while `work` is still waiting for it. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    const ended = this.ended.then(() => {
      throw new Error(`${this.name} ended in the middle of its measurement:\n${this.lastWords}`);
    });
    return Promise.race([work, ended]);
  }
}
