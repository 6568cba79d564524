import { resolve } from 'node:path';

/**
 * How a service's Node is started, here as in the Dockerfile. V8 lets the room for new objects grow to 2 × 32 MiB while the modules load and
 * never gives it back; with 4 MiB a service that idles holds a quarter less. The web form, small and the busiest with garbage of
 * requests, is better off with 8 MiB: a tenth less CPU a form. Measured by `npm run bench -- memory` and `-- web-form`.
 */
export function serviceNodeOptions(service: string): string {
  return `--max-semi-space-size=${service === 'web-form-intake' ? 8 : 4}`;
}

/** What V8 made of the services when they were built (tools/compile.js): a start, and above all one after a kill, takes a third less CPU. */
export const compiledServices = resolve('dist/services/compile-cache');
