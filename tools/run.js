// Builds, then runs a program of this repository in this same process, so that signals and exit codes need no forwarding.
// Usage: node tools/run.js tools/platform/main [arguments]
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const major = Number(process.versions.node.split('.')[0]);
if (major < 22) {
  console.error(
    `Node ${process.versions.node} is too old for this program: start it with npm (the project brings its own Node 24 along).`,
  );
  process.exit(1);
}
const [program, ...rest] = process.argv.slice(2);
if (program === undefined) throw new Error('name the program to run, such as tools/platform/main');

// Two programs started at once must not emit the same file at the same time.
const lock = 'node_modules/.cache/build.lock';
mkdirSync('node_modules/.cache', { recursive: true });
for (;;) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    break;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!alive(lock)) rmSync(lock, { force: true });
    await new Promise((wake) => setTimeout(wake, 100));
  }
}
try {
  await import('./build.js');
} finally {
  rmSync(lock, { force: true });
}

const file = resolve('dist', `${program}.js`);
process.argv = [process.argv[0], file, ...rest];
await import(file);

function alive(path) {
  try {
    process.kill(Number(readFileSync(path, 'utf8')), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
