import { Home } from './home.js';
import { PlatformError } from './platform-error.js';
import type { PlatformOptions } from './supervisor.js';

export { type Platform, startPlatform } from './supervisor.js';

/** PHANHOI_HOME, PHANHOI_PORT_BASE and KAFKA_BROKERS, as surface of `npm start`, `npm run demo` and the chaos. */
export function platformOptions(env: NodeJS.ProcessEnv, say: (line: string) => void): PlatformOptions {
  const base = Number(env['PHANHOI_PORT_BASE'] ?? 3_000);
  if (Number.isNaN(base)) throw new PlatformError('PHANHOI_PORT_BASE must be a number.');
  const brokers = env['KAFKA_BROKERS']?.split(',').map((broker) => broker.trim());
  return { home: Home.at(env), portBase: base, say, ...(brokers && { brokers }) };
}
