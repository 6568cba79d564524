// Emits every TypeScript file with swc, copies the files that programs read beside their code, and bundles the services.
// Types are checked by `npm run types`.
import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { transformFile } from '@swc/core';
import { bundleServices } from './bundle.js';

const roots = ['libs', 'apps', 'tools', 'bench', 'chaos', 'test'];
const assets = /\.(sql|html|css|json|eml|yaml|txt|bin|client\.js)$/;
const out = 'dist';

async function newerThan(source, target) {
  const [from, to] = await Promise.all([stat(source), stat(target).catch(() => undefined)]);
  return to === undefined || from.mtimeMs > to.mtimeMs;
}

async function emit(source) {
  if (source.endsWith('.ts') && !source.endsWith('.d.ts')) {
    const target = join(out, source.replace(/\.ts$/, '.js'));
    if (!(await newerThan(source, target))) return target;
    const { code, map } = await transformFile(source, { sourceFileName: join(process.cwd(), source) });
    await mkdir(dirname(target), { recursive: true });
    await writeFile(`${target}.map`, map ?? '');
    await writeFile(target, `${code}\n//# sourceMappingURL=${target.split('/').at(-1)}.map\n`);
    return target;
  }
  if (assets.test(source) && !source.endsWith('package.json')) {
    const target = join(out, source);
    if (!(await newerThan(source, target))) return target;
    await mkdir(dirname(target), { recursive: true });
    await copyFile(source, target);
    return target;
  }
  return undefined;
}

const sources = [];
for (const root of roots) {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isFile()) sources.push(join(entry.parentPath, entry.name));
}
const emitted = new Set((await Promise.all(sources.map(emit))).filter((target) => target !== undefined));

const bundles = relative('.', await bundleServices([...emitted]));

// A file whose source is gone must not stay behind: migrations and fixtures are found by listing their folder.
for (const entry of await readdir(out, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (path.startsWith(bundles)) continue;
  if (entry.isFile() && !emitted.has(path.replace(/\.map$/, ''))) await rm(path);
}
