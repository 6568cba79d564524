import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode } from '../platform/platform-error.js';
import { startTestInfrastructure } from './infrastructure.js';

export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files that could not even be run: their tests are in no other count. */
  readonly numRuntimeErrorTestSuites: number;
}

/** Runs jest over fresh infrastructure and leaves nothing behind. What jest could not finish counts as one failure. */
export async function runTests(args: readonly string[], say: (line: string) => void): Promise<TestCount> {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopped.abort());
  const started = Date.now();
  const infrastructure = await startTestInfrastructure(process.env, say);
  say(`PostgreSQL, Kafka and a mail server are up after ${seconds(started)}`);
  try {
    if (stopped.signal.aborted) return { passed: 0, failed: 1, skipped: 0 };
    const { code, report } = await jest({ ...process.env, ...infrastructure.env }, args, stopped.signal);
    if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
    const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
    return {
      passed: report.numPassedTests,
      // Without a failed test the exit code may still tell of one: no test found, a handle left open.
      failed: failed === 0 && code !== 0 ? 1 : failed,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } finally {
    await infrastructure.stop();
    say(`all done in ${seconds(started)}`);
  }
}

export function closingLine({ passed, failed, skipped }: TestCount): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

async function jest(
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  stop: AbortSignal,
): Promise<{ code: number; report: JestReport | undefined }> {
  const folder = await mkdtemp(join(tmpdir(), 'phanhoi-jest-'));
  const outputFile = join(folder, 'report.json');
  const options = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=TimeoutNegativeWarning',
  ];
  const child = spawn(
    process.execPath,
    ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${outputFile}`, ...args],
    {
      // What jest prints for --json goes to the file; its usual report goes to stderr.
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...env, NODE_OPTIONS: `${env['NODE_OPTIONS'] ?? ''} ${options.join(' ')}` },
    },
  );
  const forward = () => child.kill('SIGTERM');
  stop.addEventListener('abort', forward);
  try {
    const code = await new Promise<number>((ended, failed) => {
      child.once('error', failed);
      child.once('exit', (exitCode) => ended(exitCode ?? 130));
    });
    return { code, report: await readReport(outputFile) };
  } finally {
    stop.removeEventListener('abort', forward);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Missing when jest was stopped or broke before it could report. */
async function readReport(path: string): Promise<JestReport | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as JestReport;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1_000).toFixed(1)} s`;
}
