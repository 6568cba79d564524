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
  /** Where simulators of providers may listen; the platform itself starts none. */
  readonly twilio: number;
  readonly telegram: number;
  readonly meta: number;
  readonly zalo: number;
  readonly zaloSignIn: number;
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

export function addressesFrom(base: number): Addresses {
  if (!Number.isInteger(base) || base < 1_024 || base > 49_000) {
    throw new PlatformError(
      'PHANHOI_PORT_BASE must be a whole number from 1024 to 49000: the other ports follow from it.',
    );
  }
  const services = Object.fromEntries(serviceNames.map((name) => [name, base + serviceOffsets[name]]));
  return {
    services: services as Record<ServiceName, number>,
    smtp: base + 25,
    imap: base + 143,
    kafka: base + 16_092,
    kafkaController: base + 16_093,
    postgres: base + 12_432,
    twilio: base + 80,
    telegram: base + 81,
    meta: base + 82,
    zalo: base + 83,
    zaloSignIn: base + 84,
  };
}

/** @param patienceMs how long a taken port may still become free, e.g. while a killed platform's children are being ended. */
export async function assertPortsAreFree(addresses: Addresses, patienceMs: number): Promise<void> {
  const { services, smtp, imap, kafka, kafkaController, postgres } = addresses;
  const infrastructure = { smtp, imap, kafka, kafkaController, postgres };
  const taken: string[] = [];
  for (const [name, port] of Object.entries({ ...services, ...infrastructure })) {
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
