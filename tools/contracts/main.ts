// `npm run contracts` writes docs/contracts; with --check it fails when they are not what the code says.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { asyncApi } from './async-api.js';
import { jsonSchemas } from './json-schemas.js';

const folder = 'docs/contracts';
const check = process.argv.includes('--check');

const documents = new Map<string, string>(
  Object.entries(jsonSchemas()).map(([type, schema]) => [
    `${type}.schema.json`,
    `${JSON.stringify(schema, null, 2)}\n`,
  ]),
);
documents.set('asyncapi.yaml', stringify(asyncApi(), { lineWidth: 0, aliasDuplicateObjects: false }));

await mkdir(folder, { recursive: true });
let drifted = false;
for (const [name, text] of documents) {
  const path = join(folder, name);
  const present = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (present === text) continue;
  drifted = true;
  if (check) console.error(`${path} is not what the code says: run npm run contracts`);
  else await writeFile(path, text);
}
console.log(drifted ? (check ? 'contracts: drift' : 'contracts: written') : 'contracts: up to date');
process.exitCode = check && drifted ? 1 : 0;
