import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Answers that were not 2xx, and connections that failed. */
  readonly failures: number;
  readonly total: number;
  readonly generatorCpuSeconds: number;
}

interface LoadOptions {
  readonly url: string;
  readonly body: string;
  /** Beside the content type, which is JSON's unless one is named. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
  /** Requests per second over all connections; as fast as they go when absent. */
  readonly rate?: number;
}

interface AutocannonResult {
  readonly requests: { readonly average: number; readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly non2xx: number;
  readonly errors: number;
}

/** Posts JSON in a loop with autocannon, in a process of its own whose CPU time is part of the result. */
export async function httpLoad(options: LoadOptions): Promise<LoadResult> {
  const args = ['node_modules/autocannon/autocannon.js', '--json', '-m', 'POST'];
  const headers = { 'content-type': 'application/json', ...options.headers };
  for (const [name, value] of Object.entries(headers)) args.push('-H', `${name}=${value}`);
  args.push('-c', String(options.connections), '-d', String(options.seconds), '-b', options.body);
  if (options.rate !== undefined) args.push('-R', String(options.rate));
  const { stdout } = await run(
    '/usr/bin/env',
    ['bash', '-c', '{ time -p "$@"; } 2>&1', 'load', process.execPath, ...args, options.url],
    {
      maxBuffer: 1 << 26,
    },
  );
  const json = /^\{.*\}$/m.exec(stdout)?.[0];
  if (json === undefined) throw new Error(`autocannon gave no result: ${stdout.slice(0, 500)}`);
  const result = JSON.parse(json) as AutocannonResult;
  const seconds = (name: string) => Number(new RegExp(`^${name} ([\\d.]+)`, 'm').exec(stdout)?.[1] ?? NaN);
  return {
    requestsPerSecond: result.requests.average,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    maxMs: result.latency.max,
    failures: result.non2xx + result.errors,
    total: result.requests.total,
    generatorCpuSeconds: seconds('user') + seconds('sys'),
  };
}
