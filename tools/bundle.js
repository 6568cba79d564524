// Bundles each service, with the packages that it uses, into dist/services: a start that reads 3,000 files takes five times as long.
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { keepCompiled } from './compile.js';

const out = resolve('dist/services');
const marker = join(out, 'ticketing.js');

/** These stay packages: two native modules, two that find files of their own beside them, one that we change through its module cache. */
const unbundled = ['@node-rs/argon2', '@node-rs/crc32', 'piscina', 'swagger-ui-dist', 'kafkajs', 'kafkajs/*'];

/** Frameworks offer imports of packages that we have not installed; a laptop has some that an image has not. */
const onlyForTests = ['@nestjs/platform-express'];

/** Code that reads a file beside itself goes on finding it. */
const knowsItsPlace = {
  name: 'knows its place',
  setup({ onLoad }) {
    onLoad({ filter: /\/dist\/(apps|libs)\/.*\.js$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      if (!code.includes('import.meta')) return undefined;
      const place = `new URL(${JSON.stringify(relative(out, path))}, import.meta.url)`;
      const folder = `new URL(${JSON.stringify(relative(out, join(path, '..')))}, import.meta.url)`;
      const contents = code
        .replaceAll('import.meta.url', `${place}.href`)
        .replaceAll('import.meta.dirname', `__fileURLToPath(${folder})`);
      return { contents, loader: 'js' };
    });
  },
};

/** Two packages require by a function of their own making, past the bundler: they would get a second copy of what they share with us. */
const sharesOneCopy = {
  name: 'shares one copy',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/@nestjs\/(mapped-types|typeorm)\/.*\.js$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      return { contents: code.replace('const require = createRequire(import.meta.url);', ''), loader: 'js' };
    });
  },
};

const leavesOutWhatIsNotInstalled = {
  name: 'leaves out what is not installed',
  setup({ onResolve, resolve: find }) {
    onResolve({ filter: /^[^./#]/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      if (pluginData === 'asked') return undefined;
      const found = await find(path, { importer, kind, resolveDir, pluginData: 'asked' });
      return found.errors.length === 0 ? found : { path, external: true };
    });
  },
};

const head = `import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __fileURLToPath } from 'node:url';
const require = __createRequire(import.meta.url);
const __filename = __fileURLToPath(import.meta.url);
const __dirname = __fileURLToPath(new URL('.', import.meta.url));`;

/** Whether a service's code, or a package under it, is newer than the bundle. @param emitted files under dist */
async function isStale(emitted) {
  const bundled = await stat(marker).catch(() => undefined);
  if (bundled === undefined) return true;
  const parts = emitted.filter((path) => /^dist\/(apps|libs)\//.test(path));
  for (const path of [...parts, 'package-lock.json', 'tools/bundle.js', 'tools/compile.js']) {
    if ((await stat(path)).mtimeMs > bundled.mtimeMs) return true;
  }
  return false;
}

/** @param emitted files under dist. @returns the folder of the bundle. */
export async function bundleServices(emitted) {
  if (!(await isStale(emitted))) return out;
  const services = await readdir('apps');
  const { outputFiles } = await build({
    entryPoints: Object.fromEntries(services.map((name) => [name, `dist/apps/${name}/src/main.js`])),
    outdir: out,
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Nest and TypeORM go by the names of classes.
    keepNames: true,
    // Readable stack traces instead of maps: names are kept, and each file's path stands above its code.
    legalComments: 'none',
    logLevel: 'warning',
    banner: { js: head },
    external: [...unbundled, ...onlyForTests],
    plugins: [knowsItsPlace, sharesOneCopy, leavesOutWhatIsNotInstalled],
  });
  await mkdir(out, { recursive: true });
  await Promise.all(outputFiles.map(({ path, text }) => writeFile(path, inAscii(withCheapNames(text)))));
  await keepCompiled(out);
  return out;
}

/** Nearly every function has its name already; defining it again for each closure that a hot path makes costs more than the closure. */
function withCheapNames(code) {
  const helper = 'var __name = (target, value) => ';
  if (!code.includes(helper)) throw new Error('esbuild names functions in another way: see withCheapNames');
  return code.replace(helper, `${helper}target.name === value ? target : `);
}

/** esbuild leaves letters in regular expressions and comments; one letter beyond Latin 1 makes V8 hold a program in twice the memory. */
function inAscii(code) {
  return code.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
