// Has V8 compile each bundled service once and keeps the result beside it: a start then takes a third less CPU. A service could keep it
// itself, but only one that ends in peace does, and that is the one that will not be in a hurry to start again.
// As a program, for an image: the cache is that of the user who makes it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** A service without settings, and a worker without its data, loads all of its code, says what is missing and ends. */
const loaded = /settings are missing|'workerData' as it is null/;

/** @param folder of the bundles */
export async function keepCompiled(folder) {
  const cache = join(folder, 'compile-cache');
  const programs = (await readdir(folder)).filter((name) => name.endsWith('.js'));
  for (const entry of await readdir(cache).catch(() => [])) await rm(join(cache, entry), { recursive: true });
  await Promise.all(programs.map((program) => compile(join(folder, program), cache)));
}

async function compile(program, cache) {
  const child = spawn(process.execPath, [program], {
    env: { NODE_COMPILE_CACHE: cache },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = [];
  child.stderr.on('data', (chunk) => said.push(chunk));
  await once(child, 'close');
  const text = Buffer.concat(said).toString();
  if (!loaded.test(text)) throw new Error(`${program} did not load:\n${text}`);
}

if (import.meta.main) await keepCompiled(resolve('dist/services'));
