import { PlatformError } from './platform-error.js';
import { isPortFree } from './ports.js';
import { until } from './until.js';

/** Every port of one platform; all move with the base by the same offset. */
export interface Addresses {
  readonly services: Readonly<Record<ServiceName, number>>;
  readonly smtp: number;
  readonly imap: number;
  readonly kafka: number;
  readonly kafkaController: number;
  readonly postgres: number;
  /** Where the providers that cost money are played. */
  readonly providers: Readonly<Record<ProviderName, number>>;
}

const serviceOffsets = {
  'web-form-intake': 1,
  'email-intake': 2,
  'social-intake': 4,
  'phone-intake': 3,
  ticketing: 5,
  reporting: 6,
} as const;
export type ServiceName = keyof typeof serviceOffsets;
export const serviceNames = Object.keys(serviceOffsets) as ServiceName[];

const providerOffsets = { twilio: 80, telegram: 81, meta: 82, zalo: 83, zaloSignIn: 84 } as const;
export type ProviderName = keyof typeof providerOffsets;

export function addressesFrom(base: number): Addresses {
  if (!Number.isInteger(base) || base < 1_024 || base > 49_000) {
    throw new PlatformError(
      'PHANHOI_PORT_BASE must be a whole number from 1024 to 49000: the other ports follow from it.',
    );
  }
  const moved = <Name extends string>(offsets: Readonly<Record<Name, number>>) =>
    Object.fromEntries(Object.entries<number>(offsets).map(([name, offset]) => [name, base + offset])) as Record<
      Name,
      number
    >;
  return {
    services: moved(serviceOffsets),
    providers: moved(providerOffsets),
    smtp: base + 25,
    imap: base + 143,
    kafka: base + 16_092,
    kafkaController: base + 16_093,
    postgres: base + 12_432,
  };
}

/** @param patienceMs how long a taken port may still become free, e.g. while a killed platform's children are being ended. */
export async function assertPortsAreFree(
  { services, providers, ...infrastructure }: Addresses,
  played: readonly ProviderName[],
  patienceMs: number,
): Promise<void> {
  const simulators = Object.fromEntries(played.map((name) => [name, providers[name]]));
  const taken: string[] = [];
  for (const [name, port] of Object.entries({ ...services, ...simulators, ...infrastructure })) {
    const isFree = () => isPortFree(port);
    await until(isFree, { what: `port ${port}`, timeoutMs: patienceMs, everyMs: 200 }).catch(() =>
      taken.push(`${port} (${name})`),
    );
  }
  if (taken.length === 0) return;
  throw new PlatformError(
    `Something else listens on 127.0.0.1:${taken.join(', ')}.\n` +
      'Stop that, or move this platform: PHANHOI_PORT_BASE=4000 PHANHOI_HOME=.phanhoi-4000 npm start',
  );
}
