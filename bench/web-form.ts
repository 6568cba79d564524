import { setTimeout as delay } from 'node:timers/promises';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../tools/platform/index.js';
import { spread } from './harness/figures.js';
import { formBody } from './harness/form-body.js';
import { httpLoad, type LoadResult } from './harness/http-load.js';
import type { NodeProcess } from './harness/node-process.js';
import type { Report } from './harness/report.js';
import { Workspace } from './harness/workspace.js';

const rounds = 5;
const secondsPerRun = 5;
const connections = 64;
// V8 and the broker's JVM go on compiling for a dozen seconds of load: with three, the first rounds measured compilers.
const warmUpSeconds = 12;

interface Contender {
  readonly name: 'ours' | 'stock' | 'bare';
  readonly url: string;
  readonly process: NodeProcess;
  readonly results: LoadResult[];
  cpu: number;
}

/** Durable 202s of the web form against the stock handler and a bare Fastify route, in turn. */
export async function webForm(report: Report): Promise<void> {
  const workspace = await Workspace.create();
  try {
    await writeFile(
      join(workspace.dir, 'channels.yaml'),
      'accounts:\n  - id: default\n    channel: web_form\n    provider: form\n    options: { title: { vi: Góp ý, en: Feedback } }\n',
    );
    const start = async (name: Contender['name'], run: (port: string) => NodeProcess | Promise<NodeProcess>) => {
      const port = String(await freePort());
      const process = await run(port);
      return {
        name,
        url: `http://127.0.0.1:${port}/api/v1/feedback`,
        process,
        results: [],
        cpu: 0,
      } satisfies Contender;
    };
    const kafka = { KAFKA_BROKERS: workspace.kafka.brokers.join(',') };
    const databaseUrl = await workspace.databaseUrl('web-form-intake', 'bench');
    const contenders: Contender[] = [
      await start('stock', (PORT) =>
        workspace.run('stock-form', 'dist/bench/baseline/stock-form.js', { ...kafka, PORT }),
      ),
      await start('bare', (PORT) => workspace.run('bare-fastify', 'dist/bench/baseline/bare-fastify.js', { PORT })),
      await start('ours', (PORT) =>
        workspace.start('web-form-intake', { PORT, DATABASE_URL: databaseUrl, RATE_LIMIT_REQUESTS: '100000000' }),
      ),
    ];
    for (const contender of contenders) {
      await untilAnswers(contender);
      await httpLoad({ url: contender.url, body: formBody, connections, seconds: warmUpSeconds });
    }
    for (let round = 1; round <= rounds; round++) {
      for (const contender of contenders) {
        const before = contender.process.cpuSeconds();
        const result = await httpLoad({ url: contender.url, body: formBody, connections, seconds: secondsPerRun });
        contender.cpu += contender.process.cpuSeconds() - before;
        contender.results.push(result);
        report.say(
          `round ${round} ${contender.name}: ${result.requestsPerSecond.toFixed(0)}/s, p99 ${result.p99Ms} ms`,
        );
      }
    }
    conclude(report, contenders);
    const ours = contenders.find(({ name }) => name === 'ours');
    if (ours === undefined) throw new Error('ours did not run');
    const half = Math.round(spread(ours.results.map((result) => result.requestsPerSecond)).median / 2);
    const calm = await httpLoad({ url: ours.url, body: formBody, connections, seconds: secondsPerRun * 2, rate: half });
    report.figure(`latency at half of the peak rate (${half}/s), p50`, calm.p50Ms, 'ms');
    report.atMost('p99 at half of the peak rate', 50, calm.p99Ms, 'ms');
  } finally {
    await workspace.close();
  }
}

function conclude(report: Report, contenders: readonly Contender[]): void {
  const rate = new Map<string, number>();
  for (const { name, results, cpu, process } of contenders) {
    const rates = spread(results.map((result) => result.requestsPerSecond));
    rate.set(name, rates.median);
    report.spread(`${name}: answers per second, ${connections} connections`, rates, '/s');
    report.spread(`${name}: p99`, spread(results.map((result) => result.p99Ms)), 'ms');
    const total = results.reduce((sum, result) => sum + result.total, 0);
    const generator = results.reduce((sum, result) => sum + result.generatorCpuSeconds, 0);
    report.figure(`${name}: CPU seconds per 1,000 requests`, (cpu / total) * 1000, 's');
    report.figure(`${name}: CPU seconds of the load generator per 1,000`, (generator / total) * 1000, 's');
    report.figure(`${name}: peak RSS`, process.peakRss(), 'MiB');
    report.equals(
      `${name}: requests that failed`,
      0,
      results.reduce((sum, result) => sum + result.failures, 0),
    );
  }
  const ratio = (of: string, to: string) => (rate.get(of) ?? NaN) / (rate.get(to) ?? NaN);
  report.atLeast('ours against the stock handler', 2, ratio('ours', 'stock'), 'times');
  report.atLeast('ours against bare Fastify', 0.25, ratio('ours', 'bare'), 'times');
}

async function untilAnswers({ url, process }: Contender): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (!process.running) throw new Error(`${process.name} ended at start:\n${process.lastWords}`);
    const answer = await fetch(url, {
      method: 'POST',
      body: formBody,
      headers: { 'content-type': 'application/json' },
    }).catch((error: unknown) => error);
    if (answer instanceof Response && (answer.status === 202 || answer.status === 201)) return;
    await delay(100);
  }
  throw new Error(`${process.name} did not answer`);
}
