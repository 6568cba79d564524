// `npm test [-- jest arguments]`: every spec against real infrastructure, made for this run and gone after it.
import { runMain } from '../platform/platform-error.js';
import { closingLine, runTests } from './run-tests.js';

await runMain(async () => {
  const count = await runTests(process.argv.slice(2), (line) => console.log(`npm test: ${line}`));
  console.log(closingLine(count));
  return count.failed > 0 ? 1 : 0;
});
