import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  channelSettings,
  newProviderSecrets,
  providerSecrets,
  socialChannels,
  telephoneChannels,
} from '../tools/platform/channels.js';
import { freePorts } from '../tools/platform/index.js';
import { spread } from './harness/figures.js';
import { formBody } from './harness/form-body.js';
import { httpLoad, type LoadResult } from './harness/http-load.js';
import type { NodeProcess } from './harness/node-process.js';
import type { Report } from './harness/report.js';
import { type Speaker, socialSpeakers, telephoneAccounts, telephoneSpeakers } from './harness/words.js';
import { type Service, Workspace } from './harness/workspace.js';

const rounds = 5;
const secondsPerRun = 3;
const connections = 64;
const ours = ['web-form-intake', 'phone-intake', 'social-intake'] as const;
type Intake = (typeof ours)[number];

interface Route {
  readonly name: string;
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly process: NodeProcess;
  readonly results: LoadResult[];
  cpu: number;
}

/** Every webhook route against the web form with bodies of one size, in turn; then Zalo's while the broker is away. */
export async function webhooks(report: Report): Promise<void> {
  const workspace = await Workspace.create();
  try {
    const routes = await startRoutes(workspace);
    for (const route of routes) await httpLoad({ ...route, connections, seconds: 1 });
    for (let round = 1; round <= rounds; round++) {
      for (const route of routes) {
        const before = route.process.cpuSeconds();
        const result = await httpLoad({ ...route, connections, seconds: secondsPerRun });
        route.cpu += route.process.cpuSeconds() - before;
        route.results.push(result);
        report.say(`round ${round} ${route.name}: ${result.requestsPerSecond.toFixed(0)}/s, p99 ${result.p99Ms} ms`);
      }
    }
    conclude(report, routes);
    await withoutBroker(report, workspace, routes);
  } finally {
    await workspace.close();
  }
}

async function startRoutes(workspace: Workspace): Promise<Route[]> {
  const ports = await freePorts(ours.length);
  const urls = Object.fromEntries(ours.map((name, index) => [name, `http://127.0.0.1:${ports[index]}`])) as Record<
    Intake,
    string
  >;
  const secrets = newProviderSecrets();
  const processes = await start(workspace, urls, secrets);
  const { channelSecrets } = secrets;
  const accounts = {
    channels: [...socialChannels(urls['social-intake'], channelSecrets), ...telephoneChannels(urls['phone-intake'])],
    secrets: providerSecrets(secrets),
  };
  const route = (name: string, service: Intake, sent: Pick<Route, 'url' | 'body' | 'headers'>): Route => ({
    ...{ name, ...sent, process: processes[service], results: [], cpu: 0 },
  });
  const spoken = (speakers: Record<string, Speaker>, service: Intake) =>
    Object.entries(speakers).map(([name, speak]) => route(name, service, sameSize(speak)));
  return [
    route(webForm, 'web-form-intake', {
      url: `${urls['web-form-intake']}/api/v1/feedback`,
      body: formBody,
      headers: {},
    }),
    ...spoken(telephoneSpeakers(accounts, gatewaySecret), 'phone-intake'),
    ...spoken(socialSpeakers(accounts), 'social-intake'),
  ];
}

const webForm = 'web form';
const gatewaySecret = 'bench-secret-of-gateway-and-exchange';

async function start(
  workspace: Workspace,
  urls: Readonly<Record<Intake, string>>,
  secrets: ReturnType<typeof newProviderSecrets>,
): Promise<Record<Intake, NodeProcess>> {
  const file = join(workspace.dir, 'channels.yaml');
  const nowhere = 'http://127.0.0.1:1';
  await writeFile(file, (await readFile('config/channels.yaml', 'utf8')) + telephoneAccounts(nowhere, gatewaySecret));
  const settings = channelSettings(
    {
      addresses: { imap: 1, smtp: 1, providers: { twilio: 1, telegram: 1, meta: 1, zalo: 1, zaloSignIn: 1 } },
      mailboxes: { support: { address: 'support@phanhoi.example', user: 'support', password: gatewaySecret } },
      secrets,
    },
    { CHANNELS_FILE: file },
  );
  const started: [Intake, NodeProcess][] = [];
  for (const name of ours) {
    const url = urls[name];
    const env = {
      ...settings,
      ...{ PORT: new URL(url).port, PUBLIC_URL: url, RATE_LIMIT_REQUESTS: '100000000' },
      DATABASE_URL: await workspace.databaseUrl(name satisfies Service, 'bench'),
    };
    started.push([name, workspace.start(name, env)]);
  }
  for (const [name, process] of started) await process.untilReady(urls[name]);
  return Object.fromEntries(started) as Record<Intake, NodeProcess>;
}

/** The same webhook again and again: an intake takes each, since only consumers know what has come before. */
function sameSize(speak: Speaker): Pick<Route, 'url' | 'body' | 'headers'> {
  const bare = speak(0, 0).webhook.body.length;
  const { url, webhook } = speak(0, 0, 'x'.repeat(Math.max(0, Buffer.byteLength(formBody) - bare)));
  return { url, body: webhook.body.toString(), headers: webhook.headers };
}

function conclude(report: Report, routes: readonly Route[]): void {
  const rateOf = ({ results }: Route) => spread(results.map((result) => result.requestsPerSecond));
  const [reference] = routes;
  if (reference === undefined) throw new Error('nothing was measured');
  const { median } = rateOf(reference);
  for (const route of routes) {
    const total = route.results.reduce((sum, result) => sum + result.total, 0);
    report.spread(`${route.name}: answers per second, ${connections} connections`, rateOf(route), '/s');
    report.figure(`${route.name}: bytes of a body`, Buffer.byteLength(route.body));
    report.figure(`${route.name}: CPU seconds per 1,000 requests`, (route.cpu / total) * 1000, 's');
    const failures = route.results.reduce((sum, result) => sum + result.failures, 0);
    report.equals(`${route.name}: requests that failed`, 0, failures);
    if (route !== reference)
      report.atLeast(`${route.name} against the web form`, 0.6, rateOf(route).median / median, 'times');
  }
}

/** Zalo waits two seconds for an answer and does not come again after a 5xx. */
async function withoutBroker(report: Report, workspace: Workspace, routes: readonly Route[]): Promise<void> {
  const zalo = routes.find(({ name }) => name === 'zalo');
  if (zalo === undefined) throw new Error('Zalo was not measured');
  const atRate = (seconds: number) => httpLoad({ ...zalo, connections, seconds, rate: 300 });
  await workspace.kafka.kill();
  const first = await atRate(5);
  report.atMost('zalo, 300/s: p99 in the first seconds without a broker', 1_500, first.p99Ms, 'ms');
  const later = await atRate(10);
  report.atMost('zalo, 300/s: p99 once the spool has taken over', 200, later.p99Ms, 'ms');
  report.equals('zalo: requests that failed without a broker', 0, first.failures + later.failures);
}
