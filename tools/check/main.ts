// `npm run check`: all that CI runs. A failure is followed by the command that shows or mends it.
import { spawn } from 'node:child_process';
import { runMain } from '../platform/platform-error.js';
import { closingLine, runTests } from '../test/run-tests.js';

interface Step {
  readonly script: string;
  readonly args?: readonly string[];
  readonly fix: string;
}

/** Plants forbidden imports in the tree, which the others must not see: it runs before them. */
const boundaries: Step = {
  script: 'boundaries',
  fix: 'move the code to the room whose imports it needs (docs/architecture.md, "Allowed imports")',
};
const steps: readonly Step[] = [
  { script: 'lint', fix: 'npm run lint -- --fix, then mend the rest by hand' },
  { script: 'types', fix: 'npm run types shows them; mend by hand' },
  { script: 'dead-code', fix: 'delete what nothing uses, or stop exporting it' },
  { script: 'format:check', fix: 'npm run format' },
  { script: 'size', fix: 'split the file by responsibility' },
  { script: 'contracts', args: ['--check'], fix: 'npm run contracts' },
  { script: 'openapi', args: ['--check'], fix: 'npm run openapi' },
];

await runMain(async () => {
  const waiting = [...steps];
  const failed: Step[] = (await passes(boundaries)) ? [] : [boundaries];
  // Two at a time: most of them use one core each.
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      if (!(await passes(step))) failed.push(step);
    }
  };
  await Promise.all([worker(), worker()]);
  const tests = await runTests([], (line) => console.log(`check: ${line}`));
  for (const { script, fix } of failed) console.log(`check: ${script} failed; to mend it: ${fix}`);
  if (tests.failed > 0) console.log('check: tests failed; to see one again: npm test -- <its file>');
  const count = {
    ...tests,
    passed: tests.passed + steps.length + 1 - failed.length,
    failed: tests.failed + failed.length,
  };
  console.log(closingLine(count));
  return count.failed > 0 ? 1 : 0;
});

async function passes({ script, args = [] }: Step): Promise<boolean> {
  const started = Date.now();
  const child = spawn('npm', ['run', '--silent', script, '--', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => said.push(data));
  const code = await new Promise<number | null>((ended, broken) => {
    child.once('error', broken);
    child.once('close', ended);
  });
  const time = `${((Date.now() - started) / 1_000).toFixed(1)} s`;
  console.log(`check: ${script} ${code === 0 ? 'passed' : 'FAILED'} (${time})`);
  if (code !== 0) console.log(Buffer.concat(said).toString());
  return code === 0;
}
