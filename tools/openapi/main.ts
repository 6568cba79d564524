// `npm run openapi` writes docs/openapi; with --check it fails when they are not what the code says.
import 'reflect-metadata';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDocument, createService, type ServiceOptions } from '#http';
import { documentedServices } from './services.js';

const folder = 'docs/openapi';
const check = process.argv.includes('--check');

/** The document of a service that is built but neither connected nor listening. Consumers are left out: they have no routes. */
async function documentOf({ consumers: _, ...options }: ServiceOptions): Promise<string> {
  const app = await createService(options);
  return `${JSON.stringify(createDocument(app, options.name), null, 2)}\n`;
}

async function isWritten(path: string, text: string): Promise<boolean> {
  const present = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return present === text;
}

await mkdir(folder, { recursive: true });
let drifted = false;
for (const options of await documentedServices()) {
  const path = join(folder, `${options.name}.json`);
  const text = await documentOf(options);
  if (await isWritten(path, text)) continue;
  drifted = true;
  if (check) console.error(`${path} is not what the code says: run npm run openapi`);
  else await writeFile(path, text);
}
console.log(drifted ? (check ? 'openapi: drift' : 'openapi: written') : 'openapi: up to date');
// What the services hold ready (timers, pools) would keep the process.
process.exit(check && drifted ? 1 : 0);
