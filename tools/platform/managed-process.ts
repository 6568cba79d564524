import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, createWriteStream, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { errorCode, PlatformError } from './platform-error.js';
import { watchEnded, watchOver } from './reaper.js';

export interface ProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly logFile: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Called with each line of output, which goes to the log file all the same. */
  readonly onLine?: (line: string) => void;
  readonly stopSignal?: NodeJS.Signals;
  /** How long `stop` waits before it kills. */
  readonly graceMs?: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const rotateAtBytes = 16 * 1024 * 1024;

/** A child in its own process group (Ctrl-C is for us alone), with its output in a file, that does not outlive this process. */
export class ManagedProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  exit: Exit | undefined;

  private constructor(
    private readonly options: ProcessOptions,
    child: ChildProcess,
    pid: number,
  ) {
    this.pid = pid;
    this.exited = new Promise((settle) => {
      child.once('exit', (code, signal) => {
        watchEnded(pid);
        this.exit = { code, signal };
        settle(this.exit);
      });
    });
    watchOver(pid);
  }

  static async start(options: ProcessOptions): Promise<ManagedProcess> {
    const log = openLog(options.logFile);
    const output = options.onLine === undefined ? log : ('pipe' as const);
    const child = spawn(options.command, options.args, {
      stdio: ['ignore', output, output],
      detached: true,
      ...(options.env && { env: options.env }),
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      ...(options.uid !== undefined && { uid: options.uid }),
      ...(options.gid !== undefined && { gid: options.gid }),
    });
    if (options.onLine === undefined) closeSync(log);
    else pipeLines(child, log, options.onLine);
    const pid = await new Promise<number>((spawned, failed) => {
      child.once('spawn', () => spawned(child.pid ?? 0));
      child.once('error', (cause) =>
        failed(new PlatformError(`${options.name} could not be started: ${cause.message}`, { cause })),
      );
    });
    return new ManagedProcess(options, child, pid);
  }

  /** Asks it to end and waits; kills it when it takes too long. Returns at once when it is already gone. */
  async stop(): Promise<void> {
    if (!this.signal(this.options.stopSignal ?? 'SIGTERM')) return;
    const timer = setTimeout(() => this.signal('SIGKILL'), this.options.graceMs ?? 15_000);
    await this.exited;
    clearTimeout(timer);
  }

  /** `kill -9`, and waits until it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  signal(signal: NodeJS.Signals): boolean {
    if (this.exit !== undefined) return false;
    try {
      process.kill(this.pid, signal);
      return true;
    } catch (error) {
      if (errorCode(error) === 'ESRCH') return false;
      throw error;
    }
  }

  /** The last lines of its log, for error messages. */
  async lastLines(count = 12): Promise<string> {
    const file = await open(this.options.logFile);
    try {
      const { size } = await file.stat();
      const tail = Math.min(size, 8_192);
      const { buffer } = await file.read({ buffer: Buffer.alloc(tail), position: size - tail });
      return buffer.toString('utf8').trimEnd().split('\n').slice(-count).join('\n');
    } finally {
      await file.close();
    }
  }

  /** Waits for `ready`; when that fails, or the process ends first, nothing is left running and the error quotes what it said last. */
  async orFailure<T>(ready: Promise<T>): Promise<T> {
    const ended = this.exited.then(({ code, signal }) => {
      throw new Error(`it ended (${signal ?? `exit code ${code}`})`);
    });
    try {
      return await Promise.race([ready, ended]);
    } catch (cause) {
      await this.kill();
      const why = cause instanceof Error ? cause.message : String(cause);
      const said = await this.lastLines();
      throw new PlatformError(
        `${this.options.name} did not start: ${why}. Its log ${this.options.logFile} ends:\n${said}`,
        { cause },
      );
    }
  }
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > rotateAtBytes) renameSync(path, `${path}.1`);
  return openSync(path, 'a');
}

function pipeLines(child: ChildProcess, log: number, onLine: (line: string) => void): void {
  const file = createWriteStream('', { fd: log });
  let open = 0;
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    open += 1;
    const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
    lines.on('line', (line) => {
      file.write(`${line}\n`);
      onLine(line);
    });
    lines.on('close', () => {
      open -= 1;
      if (open === 0) file.end();
    });
  }
}
