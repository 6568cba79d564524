import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import {
  MetaSimulator,
  type ProviderSimulator,
  TelegramSimulator,
  TwilioSimulator,
  ZaloSimulator,
  type ZaloTokens,
} from '#testing';
import type { Addresses, ProviderName } from './addresses.js';
import type { providerSecrets } from './channels.js';

export interface SimulatorOptions {
  /** Which providers are played here. */
  readonly played: readonly ProviderName[];
  readonly ports: Addresses['providers'];
  readonly secrets: ReturnType<typeof providerSecrets>;
  /** Our accounts there. */
  readonly ids: { readonly zalo: string };
  /** Where the networks tell what became of answers. */
  readonly webhooks: { readonly meta: string; readonly zalo: string };
  /** Keeps Zalo's tokens, which are good for one use: the service that holds the newest must still be known after a restart. */
  readonly tokenFile: string;
}

interface Running {
  readonly name: ProviderName;
  readonly url: string;
  close(): Promise<void>;
}

/** The providers that cost money, played on this machine: what services send there can be read at `receivedPath` of each. */
export class Simulators {
  private constructor(private readonly running: readonly Running[]) {}

  static async start(options: SimulatorOptions): Promise<Simulators> {
    const { secrets, webhooks } = options;
    const starting = [
      open('twilio', new TwilioSimulator(secrets.twilio), options),
      open('telegram', new TelegramSimulator(secrets.telegram), options),
      open('meta', metaThatReports(secrets.meta, webhooks.meta), options),
      openZalo(options),
    ];
    const outcomes = await Promise.allSettled(starting);
    const simulators = new Simulators(
      outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? (outcome.value ?? []) : [])),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed === undefined) return simulators;
    await simulators.close();
    throw failed.reason;
  }

  /** By provider. */
  get urls(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.running.map(({ name, url }) => [name, url]));
  }

  async close(): Promise<void> {
    await Promise.all(this.running.map((simulator) => simulator.close()));
  }
}

async function open(
  name: Exclude<ProviderName, 'zalo' | 'zaloSignIn'>,
  simulator: ProviderSimulator,
  { played, ports }: SimulatorOptions,
): Promise<Running | undefined> {
  if (!played.includes(name)) return undefined;
  await simulator.listen(ports[name]);
  return { name, url: simulator.api, close: () => simulator.close() };
}

function metaThatReports(secrets: SimulatorOptions['secrets']['meta'], webhook: string): MetaSimulator {
  const meta = new MetaSimulator(secrets);
  meta.reportEverything(webhook);
  return meta;
}

/** Its API and where one signs in belong together: both are played, or none. */
async function openZalo(options: SimulatorOptions): Promise<Running | undefined> {
  const { played, ports, secrets, ids, webhooks, tokenFile } = options;
  if (!played.includes('zalo') || !played.includes('zaloSignIn')) return undefined;
  const zalo = new ZaloSimulator({ ...secrets.zalo, oaId: ids.zalo }, readTokens(tokenFile), (tokens) =>
    keepTokens(tokenFile, tokens),
  );
  zalo.echoEverything(webhooks.zalo);
  const { api } = await zalo.listen({ api: ports.zalo, oauth: ports.zaloSignIn });
  return { name: 'zalo', url: api, close: () => zalo.close() };
}

const tokensSchema = z.object({ refreshToken: z.string(), accessToken: z.string() });

function readTokens(file: string): ZaloTokens | undefined {
  return existsSync(file) ? tokensSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

/** On disk before anybody is told of them. */
function keepTokens(file: string, tokens: ZaloTokens): void {
  writeFileSync(`${file}.new`, JSON.stringify(tokens), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
